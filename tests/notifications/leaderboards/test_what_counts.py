"""From events to entries, and from entries to standings."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.clients import (
    ClientRegistered,
    ClientSource,
    DealClosed,
    DealKind,
    DealPart,
    DealShare,
    FollowUpDone,
    FollowUpRule,
    Intent,
    ReferralMade,
    ShowingDone,
)
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.recruiting import AgentHired, CandidateAdvanced, CandidateLost
from services.contracts.training import Attendance, AttendanceStatus, MeetingHeld
from services.notifications.leaderboards.model import (
    EFFORT_METRICS,
    RESULT_METRICS,
    TABLE,
    Entry,
    Metric,
    entries_of,
    summed,
)
from services.notifications.leaderboards.periods import WorkCalendar, periods_at

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
PATH = ("co", "region", "branch", "team")


def received(event: Event, id_: str = "e1") -> Received[Event]:
    envelope = Envelope(id_, "/muster/x", event.event_type(), "s1", AT, event.dataschema(), 1, PATH, "c1")
    return Received(envelope, event)


def hired(recruiter: str | None, referrer: str | None) -> Event:
    return AgentHired(
        occurred_at=AT,
        person_id="new",
        candidate_id=None,
        name="新人",
        unit_id="team",
        org_path=PATH,
        start_date=date(2026, 11, 23),
        recruiter_id=recruiter,
        referrer_id=referrer,
    )


def held(**attendance: AttendanceStatus) -> Event:
    return MeetingHeld(
        occurred_at=AT,
        meeting_id="m",
        series_id="s",
        unit_id="branch",
        org_path=PATH[:3],
        title="早会",
        host_id="h",
        started_at=AT,
        ended_at=AT,
        attendance=tuple(Attendance(person_id=who, status=how) for who, how in attendance.items()),
    )


def registered(source: ClientSource) -> Event:
    return ClientRegistered(occurred_at=AT, client_id="c", agent_id="li", org_path=PATH, source=source)


def deal(kind: DealKind, currency: str, *shares: tuple[str, int]) -> Event:
    return DealClosed(
        occurred_at=AT,
        deal_id="d",
        client_id="c",
        listing_id=None,
        agent_id="li",
        org_path=PATH,
        kind=kind,
        amount=9_000,
        commission=sum(commission for _, commission in shares),
        currency=currency,
        shares=tuple(
            DealShare(agent_id=who, org_path=PATH, part=DealPart.CLOSER, commission=commission)
            for who, commission in shares
        ),
        signed_on=AT.date(),
        starts_on=None,
    )


ONE_DEAL = {("li", "deals_closed", 1), ("li", "result_points", 30)}


CASES: list[tuple[Event, set[tuple[str, str, int]]]] = [
    (
        FollowUpDone(
            occurred_at=AT,
            follow_up_id="f",
            client_id="c",
            agent_id="li",
            org_path=PATH,
            rule=FollowUpRule.CADENCE,
            outcome="no_answer",
            minutes=2,
            intent=Intent.REAL,
            due_at=AT,
        ),
        {("li", "follow_ups_done", 1), ("li", "effort_points", 1)},
    ),
    (
        ShowingDone(
            occurred_at=AT, showing_id="s", client_id="c", agent_id="li", org_path=PATH, homes=3, interest=4
        ),
        {("li", "showings", 1), ("li", "effort_points", 5)},
    ),
    (registered(ClientSource.WALK_IN), {("li", "new_clients", 1), ("li", "effort_points", 3)}),
    (registered(ClientSource.IMPORT), set()),
    (
        deal(DealKind.SALE, "CNY", ("li", 601), ("wang", 400)),
        {*ONE_DEAL, ("li", "commission", 601), ("wang", "commission", 400)},
    ),
    # two parts of one person are one amount
    (deal(DealKind.RENTAL, "CNY", ("li", 600), ("li", 400)), {*ONE_DEAL, ("li", "commission", 1000)}),
    (
        deal(DealKind.POLICY, "CNY", ("li", 500)),
        {*ONE_DEAL, ("li", "commission", 500), ("li", "premium", 9_000)},
    ),
    # what cannot be added up is in no sum
    (deal(DealKind.POLICY, "USD", ("li", 500)), ONE_DEAL),
    (
        ReferralMade(occurred_at=AT, client_id="c", agent_id="li", org_path=PATH, referrer_client_id="r"),
        {("li", "referrals_made", 1), ("li", "result_points", 5)},
    ),
    (
        CandidateAdvanced(
            occurred_at=AT, candidate_id="c", recruiter_id="zhao", from_stage="a", to_stage="b", org_path=PATH
        ),
        {("zhao", "candidates_advanced", 1), ("zhao", "effort_points", 2)},
    ),
    (
        CandidateLost(
            occurred_at=AT,
            candidate_id="c",
            recruiter_id="zhao",
            from_stage="a",
            reason="other",
            org_path=PATH,
        ),
        set(),
    ),
    (
        hired("zhao", "li"),
        {
            ("zhao", "agents_hired", 1),
            ("zhao", "result_points", 10),
            ("li", "agents_hired", 1),
            ("li", "result_points", 10),
        },
    ),
    # who both brought and hired somebody hired one, not two
    (hired("zhao", "zhao"), {("zhao", "agents_hired", 1), ("zhao", "result_points", 10)}),
    (hired(None, None), set()),
    (
        held(
            li=AttendanceStatus.PRESENT,
            wang=AttendanceStatus.LATE,
            sun=AttendanceStatus.ABSENT,
            qian=AttendanceStatus.LEAVE,
        ),
        {
            ("li", "meetings_attended", 1),
            ("li", "effort_points", 1),
            ("wang", "meetings_attended", 1),
            ("wang", "effort_points", 1),
        },
    ),
]


@pytest.mark.parametrize(("event", "expected"), CASES)
def test_an_event_gives_points_to_whom_it_is_due(event: Event, expected: set[tuple[str, str, int]]) -> None:
    given_points = {
        (entry.person_id, str(metric), points)
        for entry in entries_of(received(event))
        for metric, points in entry.scores
    }
    assert given_points == expected


def test_effort_and_result_never_mix() -> None:
    assert not set(EFFORT_METRICS) & set(RESULT_METRICS)
    assert set(EFFORT_METRICS) | set(RESULT_METRICS) == set(Metric)
    assert all(row.adds_to in (Metric.EFFORT_POINTS, Metric.RESULT_POINTS) for row in TABLE)


def test_an_entry_is_known_by_event_metric_and_person() -> None:
    first, again = (list(entries_of(received(hired("zhao", "li")))) for _ in range(2))
    assert first == again
    assert {entry.id for entry in first} == {"e1|agents_hired|zhao", "e1|agents_hired|li"}


CALENDARS = {"t1": WorkCalendar("Asia/Shanghai", 1), "t2": WorkCalendar("Asia/Shanghai", 26)}

entries = st.builds(
    lambda number, person, unit, hours, metric, points: Entry(
        id=f"{number}|{metric}|{person}",
        event_id=str(number),
        event_type="x",
        subject="s",
        person_id=person,
        scores=((metric, points), (Metric.EFFORT_POINTS, points * 2)),
        occurred_at=AT + timedelta(hours=hours),
        org_path=("co", unit),
    ),
    number=st.integers(0, 10**9),
    person=st.sampled_from(["li", "wang"]),
    unit=st.sampled_from(["t1", "t2"]),
    hours=st.integers(-2000, 2000),
    metric=st.sampled_from([Metric.SHOWINGS, Metric.NEW_CLIENTS]),
    points=st.integers(-1, 3),
)


@given(st.lists(entries, max_size=30))
def test_standings_are_the_sums_of_entries(ledger: list[Entry]) -> None:
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for entry in ledger:
        for period in periods_at(entry.occurred_at, CALENDARS[entry.org_path[-1]]):
            for metric, points in entry.scores:
                expected[entry.person_id, period.key, entry.org_path[-1], metric] += points
    got = {
        (one.person_id, one.period, one.org_path[-1], metric): points
        for one in summed(ledger, CALENDARS)
        for metric, points in one.points.items()
    }
    assert got == dict(expected)


def test_an_entry_at_an_unknown_unit_is_in_no_standing_yet() -> None:
    [entry] = entries_of(received(registered(ClientSource.ONLINE)))
    assert summed([entry], {}) == []
    assert len(summed([entry], {"team": WorkCalendar()})) == 5


def test_standings_come_in_the_same_order_for_everybody() -> None:
    many = [
        entry
        for who in ("zhao", "li", "wang")
        for entry in entries_of(received(hired(who, None), f"e-{who}"))
    ]
    calendars = {"team": WorkCalendar()}
    ids = [one.id for one in summed(many, calendars)]
    assert ids == sorted(ids) == [one.id for one in summed(reversed(many), calendars)]
