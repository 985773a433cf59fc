"""What the readers promise: the draft is made of what happened, however often and however late it is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import pytest

from services.chassis.clock import TurnedClock
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.organisation import events as directory
from services.chassis.work import UnitOfWork
from services.contracts.clients import (
    ClientGraded,
    ClientRegistered,
    ClientSource,
    DealClosed,
    DealKind,
    DealUndone,
    FollowUpDone,
    FollowUpMissed,
    FollowUpRule,
    FollowUpScheduled,
    Grade,
    GradedBy,
    Intent,
    ReferralMade,
    ShowingDone,
)
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.recruiting import AgentHired, AgentLeft, AgentMoved
from services.training.drafting import store
from services.training.drafting.stream import BATCHES
from services.training.drafting.views import draft_for
from services.training.meetings.model import Mention, MentionKind
from services.training.series.model import SegmentKind
from tests.training.samples import EIGHT_THIRTY, series

PATH = ("company", "region", "branch", "team")
YESTERDAY = EIGHT_THIRTY - timedelta(days=1)
DATED = {"occurred_at": YESTERDAY, "org_path": PATH}


def received(event: Event, subject: str, sequence: int = 1) -> Received[Event]:
    return Received(
        Envelope(
            id=new_id(event.occurred_at),
            source="/muster/test",
            type=event.event_type(),
            subject=subject,
            time=event.occurred_at,
            dataschema=event.dataschema(),
            sequence=sequence,
            org_path=PATH,
            correlation_id="c",
        ),
        event,
    )


async def told(work: UnitOfWork, events: Sequence[Received[Event]]) -> None:
    for batch in BATCHES:
        theirs = [one for one in events if isinstance(one.event, batch.events)]
        if theirs:
            await work.run(batch.handler, theirs)


def showing(agent: str = "li") -> Received[Event]:
    event = ShowingDone(**DATED, showing_id="s", client_id="c", agent_id=agent, homes=2, interest=4)
    return received(event, "s")


def graded(client: str, grade: Grade, sequence: int, before: Grade | None = None) -> Received[Event]:
    event = ClientGraded(
        **DATED,
        client_id=client,
        agent_id="li",
        grade=grade,
        previous_grade=before,
        intent=Intent.REAL,
        graded_by=GradedBy.HAND,
        reason="budget_confirmed",
    )
    return received(event, client, sequence)


def missed(follow_up: str, client: str, sequence: int) -> Received[Event]:
    event = FollowUpMissed(
        **DATED,
        follow_up_id=follow_up,
        client_id=client,
        agent_id="li",
        due_at=YESTERDAY,
        escalated_to="agent",
    )
    return received(event, follow_up, sequence)


def done(follow_up: str, client: str, sequence: int) -> Received[Event]:
    event = FollowUpDone(
        **DATED,
        follow_up_id=follow_up,
        client_id=client,
        agent_id="li",
        rule=FollowUpRule.CADENCE,
        outcome="reached",
        minutes=5,
        intent=Intent.REAL,
        due_at=YESTERDAY,
    )
    return received(event, follow_up, sequence)


def scheduled(follow_up: str, client: str, sequence: int) -> Received[Event]:
    event = FollowUpScheduled(
        **DATED,
        follow_up_id=follow_up,
        client_id=client,
        agent_id="li",
        rule=FollowUpRule.CADENCE,
        due_at=EIGHT_THIRTY,
    )
    return received(event, follow_up, sequence)


async def praised(mongo: Mongo, now: datetime) -> tuple[Mention, ...]:
    found = await draft_for(mongo, series(), now)
    assert found is not None
    return next(segment.mentions for segment in found.segments if segment.kind is SegmentKind.RESULTS)


async def test_what_happened_is_in_the_draft_by_name(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    registered = ClientRegistered(**DATED, client_id="c", agent_id="wu", source=ClientSource.WALK_IN)
    hired = AgentHired(
        **DATED, person_id="he", candidate_id=None, name="何雨桐", unit_id="team", start_date=YESTERDAY.date()
    )
    await told(
        work,
        [received(registered, "c"), showing(), showing(), received(hired, "he"), graded("c", Grade.A, 2)],
    )
    assert await praised(mongo, clock()) == (
        Mention(kind=MentionKind.AGENT_HIRED, person_id="he", count=1),
        Mention(kind=MentionKind.SHOWINGS_DONE, person_id="li", count=2),
        Mention(kind=MentionKind.CLIENTS_GRADED_A, person_id="li", count=1),
        Mention(kind=MentionKind.CLIENTS_REGISTERED, person_id="wu", count=1),
    )


async def test_what_is_told_ten_times_counts_once(work: UnitOfWork, mongo: Mongo, clock: TurnedClock) -> None:
    one = showing()
    for _ in range(5):
        await told(work, [one, one])
    assert await praised(mongo, clock()) == (
        Mention(kind=MentionKind.SHOWINGS_DONE, person_id="li", count=1),
    )


async def test_a_client_who_stays_an_a_client_is_no_news(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    await told(work, [graded("c", Grade.A, 1, before=Grade.A), graded("d", Grade.B, 1)])
    assert await praised(mongo, clock()) == ()


async def test_what_another_branch_did_is_not_in_the_draft(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    event = ShowingDone(
        occurred_at=YESTERDAY,
        org_path=("company", "region", "branch2"),
        showing_id="s",
        client_id="c",
        agent_id="zhao",
        homes=1,
        interest=3,
    )
    await told(work, [received(event, "s")])
    assert await praised(mongo, clock()) == ()


HISTORY = (
    graded("a", Grade.A, 1),
    graded("b", Grade.A, 1),
    graded("c", Grade.C, 1),
    graded("d", Grade.A, 1),
    graded("d", Grade.B, 2, before=Grade.A),
    scheduled("f1", "a", 1),
    missed("f1", "a", 2),
    scheduled("f2", "a", 1),
    missed("f2", "a", 2),
    missed("f3", "b", 2),
    done("f3", "b", 3),
    missed("f4", "c", 2),
    missed("f5", "d", 2),
    missed("f6", "b", 2),
    scheduled("f6", "b", 3),
)
"""Overdue A clients at the end: `a`, whose two count once. `b` was called, and is planned anew; `d` is a B client."""


async def test_overdue_a_clients_are_counted_as_things_stand(work: UnitOfWork, mongo: Mongo) -> None:
    await told(work, HISTORY)
    assert await store.overdue_a_clients(mongo, "branch") == 1
    assert await store.overdue_a_clients(mongo, "branch2") == 0


@pytest.mark.parametrize("seed", range(4))
async def test_replays_and_other_batches_end_in_the_same_state(
    work: UnitOfWork, mongo: Mongo, seed: int
) -> None:
    chance = Random(seed)
    await told(work, HISTORY)
    for _ in range(3):
        begin = chance.randrange(len(HISTORY))
        end = chance.randrange(begin, len(HISTORY)) + 1
        await told(work, HISTORY[begin:end])
    assert await store.overdue_a_clients(mongo, "branch") == 1
    assert await mongo.collection(store.HIGHLIGHTS).count_documents({}) == 4  # three grades, one call


async def test_the_event_alone_says_when_and_whose_it_was(work: UnitOfWork, mongo: Mongo) -> None:
    one = showing()
    await told(work, [one])
    kept = await mongo.collection(store.HIGHLIGHTS).find_one({"_id": one.envelope.id})
    assert kept == {
        "_id": one.envelope.id,
        "kind": "showings_done",
        "person_id": "li",
        "org_path": list(PATH),
        "at": YESTERDAY,
    }


def deal(agent: str = "li") -> Received[Event]:
    event = DealClosed(
        **DATED,
        deal_id="d",
        client_id="c",
        listing_id=None,
        agent_id=agent,
        kind=DealKind.SALE,
        amount=1,
        commission=0,
        currency="CNY",
        shares=(),
        signed_on=YESTERDAY.date(),
        starts_on=None,
    )
    return received(event, "d")


async def test_a_deal_is_praised_before_a_showing_unless_it_came_to_nothing(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    referred = ReferralMade(**DATED, client_id="n", agent_id="wu", referrer_client_id="c")
    closed, imported = (
        deal(),
        ClientRegistered(**DATED, client_id="c", agent_id="wu", source=ClientSource.IMPORT),
    )
    await told(work, [showing(), closed, received(referred, "n"), received(imported, "c")])
    assert await praised(mongo, clock()) == (
        Mention(kind=MentionKind.DEALS_CLOSED, person_id="li", count=1),
        Mention(kind=MentionKind.REFERRALS_MADE, person_id="wu", count=1),
        Mention(kind=MentionKind.SHOWINGS_DONE, person_id="li", count=1),
    )
    undone = DealUndone(
        **DATED,
        deal_id="d",
        client_id="c",
        agent_id="li",
        closed_event_id=closed.envelope.id,
        reason="financing",
    )
    await told(work, [received(undone, "d", 2)])
    kinds = {mention.kind for mention in await praised(mongo, clock())}
    assert MentionKind.DEALS_CLOSED not in kinds


async def test_who_left_or_moved_away_is_neither_praised_nor_asked_to_present(
    work: UnitOfWork, mongo: Mongo, clock: TurnedClock
) -> None:
    await told(work, [showing("li"), showing("wu")])
    left = AgentLeft(**DATED, person_id="li", unit_id="team", last_day=YESTERDAY.date())
    moved = AgentMoved(
        occurred_at=YESTERDAY,
        person_id="he",
        unit_id="branch2",
        org_path=("company", "region", "branch2"),
        previous_org_path=("company", "region", "branch", "team2"),
    )
    await work.run(directory.HANDLERS[AgentLeft], received(left, "li", 9))
    await work.run(directory.HANDLERS[AgentMoved], received(moved, "he", 9))
    assert [mention.person_id for mention in await praised(mongo, clock())] == ["wu"]
    draft = await draft_for(mongo, series(), clock())
    assert draft is not None
    presenters = {
        segment.presenter_id
        for segment in draft.segments
        if segment.kind in (SegmentKind.TOPIC, SegmentKind.DRILL)
    }
    assert presenters == {"wu", "supervisor"}
