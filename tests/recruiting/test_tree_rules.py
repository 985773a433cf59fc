"""What the org tree promises: levels in order, no cycle, nobody lost by moving or closing."""

from datetime import date

import pytest

from services.recruiting.hiring.model import CHECKLIST, Contract, HiringRuleBroken, check
from services.recruiting.organisation.model import TreeRuleBroken, Unit, close, move, open_unit, rename


def tree() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for id_, kind, parent in (
        ("co", "company", None),
        ("east", "region", "co"),
        ("west", "region", "co"),
        ("b1", "branch", "east"),
        ("t1", "team", "b1"),
        ("t2", "team", "b1"),
    ):
        units[id_] = open_unit(id_=id_, kind=kind, name=id_, parent=units.get(parent or ""))
    return units


def test_a_unit_inherits_zone_and_calendar_and_knows_its_path() -> None:
    company = open_unit(
        id_="co", kind="company", name="安家", parent=None, time_zone="Asia/Urumqi", period_start_day=26
    )
    region = open_unit(id_="r", kind="region", name=" 东 区 ", parent=company)
    assert region.org_path == ("co", "r")
    assert (region.time_zone, region.period_start_day, region.name) == ("Asia/Urumqi", 26, "东 区")


@pytest.mark.parametrize(
    ("kind", "parent", "field"),
    [
        ("team", "east", "parent_id"),
        ("company", "co", "parent_id"),
        ("branch", None, "parent_id"),
        ("island", "co", "kind"),
    ],
)
def test_levels_follow_one_another(kind: str, parent: str | None, field: str) -> None:
    with pytest.raises(TreeRuleBroken) as broken:
        open_unit(id_="x", kind=kind, name="x", parent=tree().get(parent or ""))
    assert broken.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"period_start_day": 31}, "period_start_day"),
        ({"name": " "}, "name"),
    ],
)
def test_a_unit_with_a_fault_says_where(changes: dict[str, object], field: str) -> None:
    arguments: dict[str, object] = {"id_": "co", "kind": "company", "name": "x", "parent": None, **changes}
    with pytest.raises(TreeRuleBroken) as broken:
        open_unit(**arguments)  # type: ignore[arg-type]
    assert broken.value.field == field


def test_a_moved_unit_takes_everything_below_along() -> None:
    units = tree()
    moved = move(units["b1"], units["west"], (units["t2"], units["t1"]))
    assert {unit.id: unit.org_path for unit in moved} == {
        "b1": ("co", "west", "b1"),
        "t1": ("co", "west", "b1", "t1"),
        "t2": ("co", "west", "b1", "t2"),
    }
    assert moved[0].id == "b1"
    assert moved[0].parent_id == "west"


def test_a_unit_closes_only_when_empty() -> None:
    units = tree()
    with pytest.raises(TreeRuleBroken):
        close(units["b1"], open_children=2, members=0)
    with pytest.raises(TreeRuleBroken):
        close(units["t1"], open_children=0, members=1)
    closed = close(units["t1"], open_children=0, members=0)
    for forbidden in (lambda: rename(closed, "x"), lambda: move(closed, units["b1"], ())):
        with pytest.raises(TreeRuleBroken):
            forbidden()


COMPLETE = Contract(
    team_id="t1",
    mentor_id=None,
    start_date=date(2026, 3, 2),
    seen=frozenset(CHECKLIST),
    licence_expires=date(2029, 1, 1),
)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *(({"seen": frozenset(CHECKLIST) - {item}}, item) for item in CHECKLIST),
        ({"licence_expires": None}, "licence_expires"),
        ({"licence_expires": date(2026, 3, 2)}, "licence_expires"),
        ({"start_date": date(2026, 7, 1)}, "start_date"),
    ],
)
def test_a_contract_is_complete_before_anybody_is_hired(changes: dict[str, object], field: str) -> None:
    check(COMPLETE, date(2026, 3, 1))
    with pytest.raises(HiringRuleBroken) as broken:
        check(Contract(**{**vars(COMPLETE), **changes}), date(2026, 3, 1))
    assert broken.value.field == field
