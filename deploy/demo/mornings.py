"""Morning meetings (早会) of each branch on every working day, with who was there."""

from collections.abc import Iterator
from datetime import date, timedelta

from deploy.demo.commands import Command, HoldMeeting, Mark, OpenSeries, PlanMeeting, Segment
from deploy.demo.drawing import Draw
from deploy.demo.staff import Branch, Person, Staff
from deploy.demo.working_days import at_time, is_working_day, working_day_after, working_day_before

STARTS = "08:30"
_STARTS_MINUTE = 8 * 60 + 30
_PLANNED_MINUTE = 16 * 60
_SLOGANS = (
    "今日事今日毕",
    "专业赢得信任",
    "日拱一卒",
    "把客户放在心上",
    "行动是最好的答案",
    "一诺千金",
    "稳中求进",
)
TOPICS = {
    "mindset": ("从拒绝中学习", "为什么要写工作日志", "新人的第一个月", "服务的本分", "目标分解到每一天"),
    "theory": ("客户分级的道理", "需求背后的需求", "购房决策的五个阶段", "价格谈判的节奏", "信任从何而来"),
    "product": ("公积金贷款新规", "二手房税费一览", "学区政策要点", "新房与次新房比较", "过户流程与时间"),
    "behaviour": (
        "两分钟电话开场",
        "带看前的准备清单",
        "带看后的反馈电话",
        "如何请客户转介绍",
        "朋友圈怎么写",
    ),
}
_TITLES = {
    "attendance": "出勤与问候",
    "results": "业绩与表扬",
    "policy": "政策传达",
    "drill": "两人演练",
    "targets": "今日目标",
}
_AGENDA = (("attendance", 2), ("results", 4), ("policy", 4), ("topic", 12), ("drill", 5), ("targets", 3))
_ABSENCE = {"present": 0.885, "late": 0.05, "leave": 0.03, "absent": 0.035}


def commands(seed: int, staff: Staff, days: list[date]) -> Iterator[Command]:
    """The series of every branch; each meeting is planned two working days ahead, so there is always a next one."""
    for branch in staff.branches:
        yield from _Mornings(Draw(seed, "mornings", branch.unit.id), staff, branch, days).commands()


class _Mornings:
    def __init__(self, draw: Draw, staff: Staff, branch: Branch, days: list[date]) -> None:
        self.draw = draw
        self.days = days
        self.branch = branch
        self.everybody = staff.of_branch(branch)
        self.host = branch.trainers[0]
        self.series_id = draw.new_id(at_time(days[0], _STARTS_MINUTE))
        self.reliable = {person.id: draw.uniform(0.6, 1.6) for person in self.everybody}
        self.number = draw.randrange(len(TOPICS))
        self.turn = draw.randrange(len(self.everybody))

    def commands(self) -> Iterator[Command]:
        founded = at_time(self.days[0], 7 * 60 + 30)
        yield OpenSeries(
            at=founded,
            by=self.host.id,
            series_id=self.series_id,
            unit_id=self.branch.unit.id,
            title="早会",
            starts=STARTS,
            host_id=self.host.id,
        )
        held = [day for day in self.days if is_working_day(day)]
        ahead = [working_day_after(self.days[-1]), working_day_after(self.days[-1], 2)]
        for day in (*held, *ahead):
            plan = self.plan(day)
            yield plan
            if day in held:
                yield self.hold(day, plan)

    def plan(self, day: date) -> PlanMeeting:
        starts_at = at_time(day, _STARTS_MINUTE)
        planned_on = working_day_before(day, 2)
        if planned_on >= self.days[0]:
            planned_at = at_time(planned_on, _PLANNED_MINUTE + self.draw.randrange(60))
        else:
            planned_at = at_time(self.days[0], 7 * 60 + 40)
        kind = tuple(TOPICS)[self.number % len(TOPICS)]
        topic = TOPICS[kind][self.number // len(TOPICS) % len(TOPICS[kind])]
        self.number += 1
        presenter, drilled = self.next_presenter(day), self.next_presenter(day)
        segments = tuple(
            Segment(
                kind=name,
                title=topic if name == "topic" else _TITLES[name],
                minutes=minutes,
                presenter_id={"topic": presenter, "drill": drilled}.get(name, self.host).id,
                topic_kind=kind if name == "topic" else None,
            )
            for name, minutes in _AGENDA
        )
        return PlanMeeting(
            at=planned_at,
            by=self.host.id,
            meeting_id=self.draw.new_id(planned_at),
            series_id=self.series_id,
            unit_id=self.branch.unit.id,
            starts_at=starts_at,
            title=topic,
            slogan=self.draw.choice(_SLOGANS),
            host_id=self.host.id,
            agenda=segments,
        )

    def next_presenter(self, day: date) -> Person:
        """Everybody who has been there for a while, in turn."""
        line = [
            person for person in self.everybody if not person.hired or person.starts < day - timedelta(10)
        ]
        self.turn += 1
        return line[self.turn % len(line)]

    def hold(self, day: date, plan: PlanMeeting) -> HoldMeeting:
        started_at = plan.starts_at + timedelta(seconds=self.draw.randint(0, 150))
        minutes = sum(segment.minutes for segment in plan.agenda) + self.draw.randint(-2, 6)
        return HoldMeeting(
            at=started_at + timedelta(minutes=minutes),
            by=self.host.id,
            meeting_id=plan.meeting_id,
            unit_id=self.branch.unit.id,
            started_at=started_at,
            attendance=tuple(
                Mark(person_id=person.id, status=self.status(person))
                for person in self.everybody
                if person.starts <= day
            ),
        )

    def status(self, person: Person) -> str:
        if person is self.host:
            return "present"
        weights = {
            status: share if status == "present" else share * self.reliable[person.id]
            for status, share in _ABSENCE.items()
        }
        return self.draw.one_of(weights)
