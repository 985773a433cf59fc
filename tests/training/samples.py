"""A branch with its people, a series and a meeting, as the tests of training use them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from services.training.meetings.model import Meeting, Plan, Segment, planned
from services.training.series.model import DEFAULT_AGENDA, Series

COMPANY, REGION, BRANCH, TEAM = "company", "region", "branch", "team"
BRANCH_PATH = (COMPANY, REGION, BRANCH)
SHANGHAI = "Asia/Shanghai"
EIGHT_THIRTY = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
"""Tuesday, 24 November 2026, 08:30 in Shanghai."""
MINUTE = timedelta(minutes=1)


def series(**changes: object) -> Series:
    usual = Series(
        id="series",
        unit_id=BRANCH,
        org_path=BRANCH_PATH,
        title="早会",
        weekdays=(0, 1, 2, 3, 4),
        starts="08:30",
        time_zone=SHANGHAI,
        host_id="trainer",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def agenda() -> tuple[Segment, ...]:
    return tuple(
        Segment(id=f"s{number}", kind=plan.kind, minutes=plan.minutes)
        for number, plan in enumerate(DEFAULT_AGENDA, start=1)
    )


def plan(**changes: object) -> Plan:
    usual = Plan(starts_at=EIGHT_THIRTY, title="早会", host_id="trainer", slogan="开门红", agenda=agenda())
    return replace(usual, **changes)  # type: ignore[arg-type]


def meeting(**changes: object) -> Meeting:
    usual = planned(
        plan(), id_="meeting", series_id="series", unit_id=BRANCH, org_path=BRANCH_PATH, time_zone=SHANGHAI
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range(count)]
