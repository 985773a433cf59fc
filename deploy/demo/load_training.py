"""The demo's commands about morning meetings, as training's own."""

from dataclasses import replace
from datetime import timedelta

from deploy.demo import commands as demo
from services.chassis.identity import new_id
from services.chassis.work import Transaction
from services.contracts.training import AttendanceStatus, TopicKind
from services.training.meetings.directing import (
    CloseMeeting,
    MarkAttendance,
    StartMeeting,
    close_meeting,
    mark_attendance,
    start_meeting,
)
from services.training.meetings.model import Plan, Segment
from services.training.meetings.planning import PlanMeeting, plan_meeting
from services.training.series.commands import CreateSeries, create_series
from services.training.series.model import SegmentKind

_MARKED_AFTER = timedelta(minutes=2)


class Training:
    """Gives commands to training."""

    async def play(self, tx: Transaction, command: demo.Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says."""
        match command:
            case demo.OpenSeries():
                series = CreateSeries(
                    series_id=command.series_id,
                    unit_id=command.unit_id,
                    host_id=command.host_id,
                    title=command.title,
                    starts=command.starts,
                )
                await create_series(tx, series)
            case demo.PlanMeeting():
                await self._plan(tx, command)
            case demo.HoldMeeting():
                await self._hold(tx, command)
            case _:
                raise TypeError(f"not for training: {type(command).__name__}")

    async def _plan(self, tx: Transaction, command: demo.PlanMeeting) -> None:
        agenda = tuple(
            Segment(
                id=new_id(tx.now),
                kind=SegmentKind(segment.kind),
                minutes=segment.minutes,
                title=segment.title,
                presenter_id=segment.presenter_id,
                topic_kind=TopicKind(segment.topic_kind) if segment.topic_kind else None,
            )
            for segment in command.agenda
        )
        plan = Plan(
            starts_at=command.starts_at,
            title=command.title,
            host_id=command.host_id,
            slogan=command.slogan,
            agenda=agenda,
        )
        meeting = PlanMeeting(series_id=command.series_id, plan=plan, meeting_id=command.meeting_id)
        await plan_meeting(tx, meeting)

    async def _hold(self, tx: Transaction, command: demo.HoldMeeting) -> None:
        begun = replace(tx, now=command.started_at)
        await start_meeting(begun, StartMeeting(meeting_id=command.meeting_id))
        marks = {mark.person_id: AttendanceStatus(mark.status) for mark in command.attendance}
        marked = replace(tx, now=command.started_at + _MARKED_AFTER)
        await mark_attendance(marked, MarkAttendance(meeting_id=command.meeting_id, marks=marks))
        await close_meeting(tx, CloseMeeting(meeting_id=command.meeting_id))
