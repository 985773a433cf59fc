import asyncio
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data import Erased, MasterKey, Vault
from services.chassis.personal_data.vault import KEY_VAULT, Unreadable
from services.chassis.records import CONVERTER

SECRETS = {"name": "王小明", "phone": "19900001234", "address": "上海市静安区南京西路1266号"}


@dataclass(frozen=True)
class File:
    id: str
    personal: dict[str, bytes]


async def every_document(mongo: Mongo) -> list[Document]:
    return [
        document
        for name in await mongo.database.list_collection_names()
        async for document in mongo.collection(name).find()
    ]


async def test_what_was_sealed_opens_again_in_another_process(mongo: Mongo, master_key: MasterKey) -> None:
    sealed = await Vault(mongo, master_key).seal("branch", SECRETS)
    assert await Vault(mongo, master_key).open(sealed) == SECRETS


async def test_the_database_holds_no_plain_text(mongo: Mongo, master_key: MasterKey) -> None:
    vault = Vault(mongo, master_key)
    file = File("client", await vault.seal("branch", SECRETS))
    await mongo.collection("clients").insert_one(CONVERTER.unstructure(file))
    raw = b"".join(
        value
        for document in await every_document(mongo)
        for value in [repr(document).encode(), *document.get("personal", {}).values()]
    )
    for secret in SECRETS.values():
        assert secret.encode() not in raw
        assert repr(secret.encode())[2:-1].encode() not in raw
    assert master_key.secret not in raw


async def test_a_record_read_from_the_database_equals_the_one_that_was_saved(
    mongo: Mongo, master_key: MasterKey
) -> None:
    file = File("client", await Vault(mongo, master_key).seal("branch", SECRETS))
    await mongo.collection("clients").insert_one(CONVERTER.unstructure(file))
    document = await mongo.collection("clients").find_one({"id": "client"})
    assert CONVERTER.structure(document, File) == file


async def test_each_branch_has_one_key_even_when_many_ask_at_once(
    mongo: Mongo, master_key: MasterKey
) -> None:
    vaults = [Vault(mongo, master_key) for _ in range(8)]
    sealed = await asyncio.gather(
        *(vault.seal(branch, SECRETS) for vault in vaults for branch in ("east", "west"))
    )
    assert await mongo.collection(KEY_VAULT).count_documents({}) == 2
    assert len({value[1:17] for row in sealed for value in row.values()}) == 2
    assert await vaults[0].open_all(sealed) == [SECRETS] * 16


async def test_rows_keep_their_order_and_their_missing_fields(mongo: Mongo, master_key: MasterKey) -> None:
    vault = Vault(mongo, master_key)
    rows = [{"name": f"客户{number}", **({"phone": ""} if number % 3 else {})} for number in range(50)]
    sealed = [await vault.seal(f"branch-{number % 4}", row) for number, row in enumerate(rows)]
    assert await vault.open_all(sealed) == rows
    assert await vault.open_all([{}, sealed[7], {}]) == [{}, rows[7], {}]


async def test_keys_are_asked_for_once_a_minute_not_once_a_field(mongo: Mongo, master_key: MasterKey) -> None:
    now = [0.0]
    vault = Vault(mongo, master_key, seconds=lambda: now[0])
    sealed = await vault.seal("branch", SECRETS)
    await mongo.collection(KEY_VAULT).delete_many({})
    assert await vault.open(sealed) == SECRETS
    now[0] = 61
    with pytest.raises(Erased):
        await vault.open(sealed)


async def test_destroying_a_branch_s_key_loses_its_data_and_no_other(
    mongo: Mongo, master_key: MasterKey
) -> None:
    vault = Vault(mongo, master_key)
    lost, kept = await vault.seal("closed", SECRETS), await vault.seal("open", SECRETS)
    await vault.destroy("closed")
    with pytest.raises(Erased):
        await vault.open(lost)
    assert await vault.open(kept) == SECRETS


async def test_an_altered_value_is_refused(mongo: Mongo, master_key: MasterKey) -> None:
    vault = Vault(mongo, master_key)
    sealed = (await vault.seal("branch", {"name": "王小明"}))["name"]
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    with pytest.raises(Unreadable):
        await vault.open({"name": altered})
    with pytest.raises(Unreadable):
        await vault.open({"name": b"short"})


async def test_another_master_key_opens_nothing(mongo: Mongo, master_key: MasterKey) -> None:
    sealed = await Vault(mongo, master_key).seal("branch", SECRETS)
    with pytest.raises(Unreadable):
        await Vault(mongo, MasterKey(bytes(96))).open(sealed)


async def test_equal_values_do_not_look_equal(mongo: Mongo, master_key: MasterKey) -> None:
    sealed = await Vault(mongo, master_key).seal("branch", {"name": "王伟", "spouse": "王伟"})
    assert sealed["name"] != sealed["spouse"]


async def test_any_text_survives(mongo: Mongo, master_key: MasterKey) -> None:
    vault = Vault(mongo, master_key)
    key_id = await vault._key_for("branch")

    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.text(st.characters(codec="utf-8")), max_size=6))
    def check(values: list[str]) -> None:
        assert list(vault._decrypt([vault._encrypt(value, key_id) for value in values])) == values

    check()
