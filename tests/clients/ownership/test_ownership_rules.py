"""When a client goes into the pool, who may take them back when, and how a leaver's clients are spread."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clients.files.model import Agreed, Client
from services.clients.ownership.model import (
    days_until_takeable,
    reassigned,
    release_at,
    spread,
    untouched,
    warned,
)
from services.clients.ownership.settings import (
    Following,
    HandoverRule,
    OwnershipPolicy,
    OwnershipSettings,
    policy_of,
)
from services.clients.ownership.tenure import KEPT
from services.contracts.clients import Grade, Reassignment
from tests.clients.samples import NOW, a_client

POLICY = OwnershipPolicy()
DAY = timedelta(days=1)
TEAM = ("acme", "east", "jingan", "team-1")
BRANCH = TEAM[:3]


def standing(client: Client, **changes: object) -> Client:
    return replace(client, standing=replace(client.standing, **changes))  # type: ignore[arg-type]


def taken(client: Client, at: datetime) -> Client:
    pooled = reassigned(client, None, BRANCH, Reassignment.RELEASED, at - DAY)
    return reassigned(pooled, "zhao", TEAM, Reassignment.TAKEN, at)


@pytest.mark.parametrize(
    ("client", "leaves_after"),
    [
        (a_client(Grade.A), 7),
        (a_client(Grade.B), 21),
        (a_client(Grade.C), 45),
        (a_client(None), 45),
        (standing(a_client(Grade.A), tried_at=NOW + 2 * DAY), 9),
        (standing(a_client(Grade.A), touched_at=NOW + 3 * DAY), 10),
        (standing(a_client(Grade.A), agreed=Agreed(NOW + 30 * DAY, "f")), 37),
        (standing(a_client(Grade.A), quiet_until=NOW + 10 * DAY), 17),
        (standing(a_client(Grade.A), quiet_until=NOW - DAY), 7),
        (reassigned(a_client(Grade.A), "zhao", TEAM, Reassignment.BY_HAND, NOW + 4 * DAY), 11),
        (standing(a_client(Grade.A), lost=True), None),
        (reassigned(a_client(Grade.A), None, BRANCH, Reassignment.GIVEN_UP, NOW), None),
    ],
)
def test_a_client_goes_when_nobody_was_in_touch_for_too_long(
    client: Client, leaves_after: int | None
) -> None:
    expected = None if leaves_after is None else NOW + leaves_after * DAY
    assert release_at(client, POLICY) == expected


def test_who_was_taken_is_protected_whatever_the_grade() -> None:
    policy = OwnershipPolicy(idle_days_a=3, warning_days=1, protection_days=20)
    assert release_at(taken(a_client(Grade.A), NOW), policy) == NOW + 20 * DAY
    assert release_at(a_client(Grade.A), policy) == NOW + 3 * DAY


@pytest.mark.parametrize(("day", "told"), [(4, False), (5, True), (6, True), (8, True)])
def test_the_agent_is_told_before(day: int, told: bool) -> None:
    assert (warned(a_client(Grade.A), POLICY, NOW + day * DAY) is not None) is told


@pytest.mark.parametrize(
    ("reason", "agent", "days"),
    [
        (Reassignment.RELEASED, "lin", 30),
        (Reassignment.GIVEN_UP, "lin", 30),
        (Reassignment.RELEASED, "zhao", 0),
        (Reassignment.HANDOVER, "lin", 0),
        (Reassignment.BY_HAND, "lin", 0),
    ],
)
def test_only_who_let_the_client_go_has_to_wait(reason: Reassignment, agent: str, days: int) -> None:
    pooled = reassigned(a_client(Grade.B), None, BRANCH, reason, NOW)
    assert days_until_takeable(pooled, agent, POLICY, NOW) == days
    assert days_until_takeable(pooled, agent, POLICY, NOW + timedelta(days=29, hours=1)) == min(days, 1)
    assert days_until_takeable(pooled, agent, POLICY, NOW + 30 * DAY) == 0


def test_the_file_says_who_had_the_client() -> None:
    client = replace(a_client(Grade.A), shared_with=("zhao", "sun"))
    given = reassigned(client, "zhao", TEAM, Reassignment.BY_HAND, NOW + DAY)
    pooled = reassigned(given, None, BRANCH, Reassignment.RELEASED, NOW + 9 * DAY)
    assert given.holding is not None
    assert pooled.holding is not None
    assert (given.agent_id, given.shared_with, given.pooled_at) == ("zhao", ("sun",), None)
    assert (pooled.agent_id, pooled.shared_with, pooled.pooled_at) == (None, (), NOW + 9 * DAY)
    assert [(each.agent_id, each.since, each.until, each.ended) for each in pooled.holding.earlier] == [
        ("lin", NOW, NOW + DAY, Reassignment.BY_HAND),
        ("zhao", NOW + DAY, NOW + 9 * DAY, Reassignment.RELEASED),
    ]


def test_the_file_does_not_grow_for_ever() -> None:
    client = a_client(Grade.C)
    for turn in range(KEPT + 10):
        client = reassigned(client, f"agent-{turn}", TEAM, Reassignment.BY_HAND, NOW + turn * DAY)
    assert client.holding is not None
    assert len(client.holding.earlier) == KEPT
    assert client.holding.earlier[-1].agent_id == f"agent-{KEPT + 8}"


@pytest.mark.parametrize(
    ("after", "still"),
    [
        (lambda client: client, True),
        (lambda client: standing(client, touched_at=NOW + 2 * DAY), False),
        (lambda client: standing(client, tried_at=NOW + 2 * DAY), False),
        (lambda client: reassigned(client, "sun", TEAM, Reassignment.BY_HAND, NOW + 2 * DAY), False),
        (
            lambda client: reassigned(
                reassigned(client, "sun", TEAM, Reassignment.BY_HAND, NOW + 2 * DAY),
                "zhao",
                TEAM,
                Reassignment.BY_HAND,
                NOW + 3 * DAY,
            ),
            False,
        ),
    ],
)
def test_a_handover_can_be_taken_back_while_nobody_touched_it(after, still: bool) -> None:  # type: ignore[no-untyped-def]
    handed = reassigned(a_client(Grade.B), "zhao", TEAM, Reassignment.HANDOVER, NOW + DAY)
    assert untouched(after(handed), "zhao", NOW + DAY) is still


def test_the_deeper_unit_has_the_last_word() -> None:
    chain = [
        OwnershipSettings("acme", idle_days_a=10, takes_a_day=3, handover=HandoverRule.POOL),
        OwnershipSettings("jingan", idle_days_a=5),
        OwnershipSettings("team-1", following=Following.NEVER, takes_a_day=0),
    ]
    policy = policy_of(chain)
    assert (policy.idle_days_a, policy.idle_days_b, policy.takes_a_day) == (5, 21, 0)
    assert (policy.handover, policy.following) == (HandoverRule.POOL, Following.NEVER)


@pytest.mark.parametrize(
    "wrong",
    [
        {"idle_days_a": 0},
        {"idle_days_c": 400},
        {"warning_days": 7},
        {"takes_a_day": -1},
        {"cooling_off_days": 366},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        policy_of([OwnershipSettings("acme", **wrong)])  # type: ignore[arg-type]


GRADES = st.sampled_from([Grade.A, Grade.B, Grade.C, None])


@given(
    clients=st.lists(GRADES, max_size=60),
    agents=st.dictionaries(
        st.sampled_from(["lin", "zhao", "sun", "qian"]),
        st.dictionaries(GRADES, st.integers(0, 30), max_size=4),
        min_size=1,
    ),
)
def test_spreading_leaves_nobody_out_and_evens_every_grade(
    clients: list[Grade | None], agents: dict[str, dict[Grade | None, int]]
) -> None:
    named = [(f"client-{place:02}", grade) for place, grade in enumerate(clients)]
    given_to = spread(named, agents)
    assert set(given_to) == {client_id for client_id, _ in named}
    for grade in set(clients):
        got = Counter(given_to[client_id] for client_id, each in named if each == grade)
        held = {agent_id: load.get(grade, 0) for agent_id, load in agents.items()}
        # Whoever got one had no more of them, before the last one, than anybody else has now.
        fewest = min(held[agent_id] + got[agent_id] for agent_id in agents)
        assert all(held[agent_id] + got[agent_id] - 1 <= fewest for agent_id in got)


def test_there_must_be_somebody_to_spread_over() -> None:
    with pytest.raises(ValueError, match="nobody"):
        spread([("c", Grade.A)], {})
