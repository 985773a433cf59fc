"""The agent's day as JSON."""

from datetime import datetime

from fastapi import APIRouter

from services.chassis.web.dependencies import Store
from services.chassis.web.validation import Output
from services.clients.dependencies import Asking, Personal
from services.clients.today.model import Gauge
from services.clients.today.views import Task, today

router = APIRouter(tags=["today"])


class TaskOut(Output):
    follow_up_id: str
    version: int
    client_id: str
    name: str
    phone: str
    grade: str | None
    intent: str
    rule: str
    due_at: datetime
    escalated: str | None

    @classmethod
    def of(cls, task: Task) -> "TaskOut":
        """The task as others see it."""
        return cls(
            follow_up_id=task.follow_up.id,
            version=task.version,
            client_id=task.client.id,
            name=task.name,
            phone=task.phone,
            grade=task.client.grade,
            intent=task.client.intent,
            rule=task.follow_up.rule,
            due_at=task.follow_up.due_at,
            escalated=task.follow_up.escalated,
        )


class ShareOut(Output):
    intent: str
    minutes: int
    percent: int
    target: int


class GaugesOut(Output):
    planned: list[ShareOut]
    spent: list[ShareOut]


class TodayOut(Output):
    tasks: list[TaskOut]
    """Due by the end of the day, the worthiest and most urgent first."""
    ahead: list[TaskOut]
    done: int
    day: GaugesOut
    week: GaugesOut


@router.get("/today", response_model=TodayOut)
async def my_day(store: Store, personal: Personal, asker: Asking) -> TodayOut:
    """Your own day: what is due, what comes, and where the time goes."""
    found = await today(store, personal, asker)
    return TodayOut(
        tasks=[TaskOut.of(task) for task in found.tasks],
        ahead=[TaskOut.of(task) for task in found.ahead],
        done=found.done,
        day=GaugesOut(planned=shares_of(found.day.planned), spent=shares_of(found.day.spent)),
        week=GaugesOut(planned=shares_of(found.week.planned), spent=shares_of(found.week.spent)),
    )


def shares_of(gauge: Gauge) -> list[ShareOut]:
    """The gauge as others see it."""
    return [
        ShareOut(intent=each.intent, minutes=each.minutes, percent=each.percent, target=each.target)
        for each in gauge.shares
    ]
