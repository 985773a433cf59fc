from datetime import UTC, datetime

import pytest

from services.chassis.mongo import Document, Mongo, Session
from services.chassis.personal_data import Disclosure, Kind, Level, MasterKey, Sealed, Vault, Viewer
from services.chassis.personal_data.audit import AUDIT_TRAIL

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
VIEWER = Viewer("agent-1", "GET /clients/{id}", "complaint")
KINDS = {"name": Kind.NAME, "phone": Kind.PHONE}
VALUES = {"name": "王小明", "phone": "19900001234"}


@pytest.fixture
def vault(mongo: Mongo, master_key: MasterKey) -> Vault:
    return Vault(mongo, master_key)


async def trail(mongo: Mongo) -> list[Document]:
    return await mongo.collection(AUDIT_TRAIL).find({}, {"_id": 0}).sort("whose").to_list(None)


async def test_each_reader_sees_what_the_level_allows_and_full_looks_are_written_down(
    mongo: Mongo, vault: Vault
) -> None:
    fields = await vault.seal("branch", VALUES)
    rows = [Sealed(f"client-{number}", fields, level) for number, level in enumerate(Level)]
    shown = await Disclosure(vault, mongo.database, KINDS).show(rows, VIEWER, NOW)
    assert shown == [VALUES, {"name": "王**", "phone": "199****1234"}, {}]
    assert await trail(mongo) == [
        {
            "at": NOW,
            "who": "agent-1",
            "did": "saw",
            "whose": ["client-0"],
            "fields": ["name", "phone"],
            "route": "GET /clients/{id}",
            "reason": "complaint",
        }
    ]


async def test_a_page_of_full_values_leaves_one_entry_that_names_everybody_once(
    mongo: Mongo, vault: Vault
) -> None:
    sealed = await vault.seal("branch", VALUES)
    rows = [Sealed(f"client-{number % 50:02}", sealed, Level.FULL) for number in range(60)]
    short = Sealed("client-other", {"name": sealed["name"]}, Level.FULL)
    await Disclosure(vault, mongo.database, KINDS).show([*rows, short], VIEWER, NOW)
    page, other = await trail(mongo)
    assert page["whose"] == [f"client-{number:02}" for number in range(50)]
    assert (other["whose"], other["fields"]) == (["client-other"], ["name"])


async def test_a_look_in_a_transaction_that_fails_is_not_claimed(mongo: Mongo, vault: Vault) -> None:
    rows = [Sealed("client", await vault.seal("branch", VALUES), Level.FULL)]
    door = Disclosure(vault, mongo.database, KINDS)

    async def look_and_fail(session: Session) -> None:
        await door.show(rows, VIEWER, NOW, session)
        raise LookupError

    with pytest.raises(LookupError):
        await mongo.transaction(look_and_fail)
    assert await trail(mongo) == []


async def test_the_trail_is_read_by_index(mongo: Mongo) -> None:
    for field in ("who", "whose"):
        plan = (
            await mongo.collection(AUDIT_TRAIL).find({field: "x"}).sort([("at", -1), ("_id", -1)]).explain()
        )
        assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"])
        assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
