"""Who sees what: roles at units reach over their subtree, and an agent's role shows nothing of others."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.access import Access, Grant
from services.chassis.errors import Forbidden, NotFound
from services.contracts.organisation import Role

UNITS = {
    "co": ("co",),
    "r1": ("co", "r1"),
    "r2": ("co", "r2"),
    "b1": ("co", "r1", "b1"),
    "b2": ("co", "r1", "b2"),
    "b3": ("co", "r2", "b3"),
    "t1": ("co", "r1", "b1", "t1"),
}
LEADING = [role for role in Role if role != Role.AGENT]

grants = st.builds(
    lambda role, unit: Grant(role, unit, UNITS[unit]), st.sampled_from(Role), st.sampled_from(sorted(UNITS))
)
accesses = st.lists(grants, max_size=4).map(lambda held: Access("me", "Me", tuple(held), "b1", UNITS["b1"]))
paths = st.sampled_from(sorted(UNITS.values()))
owners = st.sampled_from(["me", "other"])


def matches(query: dict[str, Any], document: dict[str, Any]) -> bool:
    """What MongoDB makes of the few operators that a scope uses."""
    for key, wanted in query.items():
        if key == "$or":
            if not any(matches(branch, document) for branch in wanted):
                return False
            continue
        values = document[key] if isinstance(document[key], list) else [document[key]]
        allowed = wanted["$in"] if isinstance(wanted, dict) else [wanted]
        if not set(values) & set(allowed):
            return False
    return True


@given(accesses, paths, owners)
def test_the_filter_finds_exactly_what_may_be_seen(access: Access, path: tuple[str, ...], owner: str) -> None:
    document = {"agent_id": owner, "org_path": list(path)}
    assert matches(access.scope(), document) == access.sees(path, owner=owner)


@given(accesses, paths)
def test_who_sees_a_unit_sees_what_lies_under_it(access: Access, path: tuple[str, ...]) -> None:
    for below in UNITS.values():
        if below[: len(path)] == path and access.sees(path):
            assert access.sees(below)


@given(accesses, paths)
def test_another_grant_never_takes_anything_away(access: Access, path: tuple[str, ...]) -> None:
    more = Access("me", "Me", (*access.grants, Grant(Role.TRAINER, "b3", UNITS["b3"])), "b1", UNITS["b1"])
    assert more.sees(path) or not access.sees(path)
    assert more.roles >= access.roles


@given(st.sampled_from(sorted(UNITS)), paths)
def test_an_agent_sees_only_what_is_their_own(unit: str, path: tuple[str, ...]) -> None:
    agent = Access("me", "Me", (Grant(Role.AGENT, unit, UNITS[unit]),), unit, UNITS[unit])
    assert agent.only_own
    assert agent.sees(path, owner="me")
    assert not agent.sees(path, owner="other")
    assert not agent.sees(path)
    assert agent.scope() == {"agent_id": "me"}


@given(st.sampled_from(LEADING), st.sampled_from(sorted(UNITS)), paths)
def test_a_role_is_held_at_its_unit_and_below_only(role: Role, unit: str, path: tuple[str, ...]) -> None:
    access = Access("me", "Me", (Grant(role, unit, UNITS[unit]),), unit, UNITS[unit])
    assert access.may(role, at=path) == (unit in path)
    assert not any(access.may(other, at=path) for other in Role if other != role)


@given(accesses)
def test_no_named_unit_lies_under_another(access: Access) -> None:
    for unit in access.unit_ids:
        assert not any(other != unit and other in UNITS[unit] for other in access.unit_ids)


def test_what_is_not_theirs_does_not_exist_and_what_is_not_allowed_is_said() -> None:
    trainer = Access("me", "Me", (Grant(Role.TRAINER, "b1", UNITS["b1"]),), "b1", UNITS["b1"])
    trainer.require_sight(UNITS["t1"])
    trainer.require(Role.TRAINER, at=UNITS["t1"])
    with pytest.raises(NotFound):
        trainer.require_sight(UNITS["b2"])
    with pytest.raises(Forbidden):
        trainer.require(Role.BRANCH_MANAGER, at=UNITS["b1"])
