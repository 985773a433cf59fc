"""The client file on the database: duplicates, masking, search, lists."""

import asyncio

import pytest

from services.chassis.access import Access
from services.chassis.errors import Invalid, NotFound
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data.audit import AUDIT_TRAIL
from services.clients.files import lists, views
from services.clients.files.commands import ClientKnown, RegisterClient, register
from services.clients.files.filters import State
from services.clients.files.personal import Contact
from services.clients.files.store import CLIENTS
from services.clients.files.views import Asker
from services.contracts.clients import ClientSource, Grade
from tests.clients.company import UNITS, Company

PHONE = "138 0013 8000"


async def asker(company: Company, person_id: str) -> Asker:
    access: Access = await Directory(company.mongo).access(person_id)
    return Asker(access, "GET /test", company.clock())


async def test_what_is_personal_is_not_in_the_database_in_clear(company: Company) -> None:
    client = await company.register("王小明", PHONE, address="延平路98弄", note="午休勿扰")
    document = await company.mongo.collection(CLIENTS.collection).find_one({"_id": client.id})
    events = await company.mongo.collection("outbox").find({}).to_list(None)
    text = repr(document) + repr(events)
    for secret in ("王小明", "13800138000", "延平路", "午休"):
        assert secret not in text
        assert repr(secret.encode()) not in text


async def test_a_phone_is_one_client_in_one_company_however_it_is_typed(company: Company) -> None:
    first = await company.register("王小明", PHONE)
    with pytest.raises(ClientKnown):
        await company.register("小王", "+86 13800138000", agent_id="qian")
    assert await company.mongo.collection(CLIENTS.collection).count_documents({}) == 1
    assert (await company.names()) == ["client-registered"]
    assert first.value.agent_id == "lin"


async def test_of_many_who_register_one_phone_at_once_one_succeeds(company: Company) -> None:
    contact = await company.personal.seal(Contact("王小明", PHONE), UNITS["team-1"][2])

    async def attempt(agent_id: str) -> bool:
        command = RegisterClient(agent_id=agent_id, source=ClientSource.WALK_IN, contact=contact)
        try:
            await company.run(register, command)
        except ClientKnown:
            return False
        return True

    won = await asyncio.gather(*(attempt(agent) for agent in ("lin", "zhao", "qian") * 4))
    assert sum(won) == 1
    assert await company.mongo.collection(CLIENTS.collection).count_documents({}) == 1


async def test_clients_without_phone_are_not_one_another(company: Company) -> None:
    await company.register("王小明")
    await company.register("李红")
    assert await company.mongo.collection(CLIENTS.collection).count_documents({}) == 2


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ("lin", "it is your client 王小明"),
        ("manager", "王小明, a client of 林晓"),
        ("trainer", "王**, a client of 林晓"),
        ("qian", "is known already"),
    ],
)
async def test_the_refusal_says_whose_client_it_is_to_who_may_know(
    company: Company, person: str, words: str
) -> None:
    await company.register("王小明", PHONE)
    with pytest.raises(ClientKnown) as refused:
        await company.register("小王", PHONE, agent_id="zhao")
    told = await views.in_words(company.mongo, company.personal, await asker(company, person), refused.value)
    assert words in str(told)


@pytest.mark.parametrize(
    ("person", "phone", "address", "note"),
    [
        ("lin", "13800138000", "上海市静安区延平路98弄", "午休勿扰"),
        ("sun", "13800138000", "上海市静安区延平路98弄", "午休勿扰"),
        ("manager", "13800138000", "上海市静安区延平路98弄", "午休勿扰"),
        ("trainer", "138****8000", "上海市静安区***", "***"),
        ("region", "138****8000", "上海市静安区***", "***"),
        ("head", "138****8000", "上海市静安区***", "***"),
    ],
)
async def test_each_role_sees_as_much_as_it_needs(
    company: Company, person: str, phone: str, address: str, note: str
) -> None:
    client = await company.register("王小明", PHONE, address="上海市静安区延平路98弄", note="午休勿扰")
    file = await views.file_of(company.mongo, company.personal, await asker(company, person), client.id)
    assert (file.fields["phone"], file.fields["address"], file.fields["note"]) == (phone, address, note)
    looks = await company.mongo.collection(AUDIT_TRAIL).find({"whose": client.id}).to_list(None)
    assert [look["who"] for look in looks] == ([person] if "*" not in phone else [])


@pytest.mark.parametrize("person", ["zhao", "qian", "other", "ops"])
async def test_for_everybody_else_there_is_no_such_client(company: Company, person: str) -> None:
    client = await company.register("王小明", PHONE)
    with pytest.raises(NotFound):
        await views.file_of(company.mongo, company.personal, await asker(company, person), client.id)


@pytest.mark.parametrize("typed", ["王小", "小明", "wang", "wangxiaom", "wxm", "8000", "138-0013-8000"])
async def test_a_client_is_found_by_name_pinyin_initials_and_digits(company: Company, typed: str) -> None:
    wanted = await company.register("王小明", PHONE)
    await company.register("李红", "13900139001")
    await company.register("王小明", "13900139002", agent_id="zhao")
    found = await lists.search(company.mongo, company.personal, await asker(company, "lin"), typed, own=True)
    assert [row.client.id for row in found] == [wanted.id]
    assert found[0].phone == "138****8000"


async def test_a_list_pages_through_everybody_once_the_most_urgent_first(company: Company) -> None:
    planned = [await company.register(f"王{number}") for number in "一二三四五六七"]
    for number, client in enumerate(planned):
        await company.grade(client.id, (Grade.C, Grade.A, Grade.B)[number % 3])
    await company.hear()
    await company.register("未分级")
    mine = await asker(company, "lin")
    seen: list[lists.Row] = []
    cursor = None
    while True:
        rows = await lists.clients(company.mongo, company.personal, mine, own=True, position=cursor, size=3)
        seen += rows.items
        if not rows.next_cursor:
            break
        last = seen[-1].client.standing.next
        assert last is not None
        cursor = (last.due_at.isoformat(), seen[-1].client.id)
    assert sorted(row.client.id for row in seen) == sorted(client.id for client in planned)
    moments = [row.client.standing.next.due_at for row in seen if row.client.standing.next]
    assert moments == sorted(moments)
    fresh = await lists.clients(company.mongo, company.personal, mine, own=True, state=State.UNPLANNED)
    assert [row.name for row in fresh.items] == ["未分级"]
    assert await lists.count_unplanned(company.mongo, mine.access, own=True) == 1


async def test_leaders_list_their_units_and_agents_only_themselves(company: Company) -> None:
    for agent in ("lin", "zhao", "qian"):
        client = await company.register("王小明", agent_id=agent)
        await company.grade(client.id, Grade.A)
    await company.hear()

    async def agents_seen_by(person: str, own: bool) -> set[str | None]:
        rows = await lists.clients(company.mongo, company.personal, await asker(company, person), own=own)
        return {row.client.agent_id for row in rows.items}

    assert await agents_seen_by("lin", own=True) == {"lin"}
    assert await agents_seen_by("manager", own=False) == {"lin", "zhao"}
    assert await agents_seen_by("head", own=False) == {"lin", "zhao", "qian"}
    with pytest.raises(NotFound):
        await agents_seen_by("lin", own=False)


@pytest.mark.parametrize(
    ("contact", "pointer"),
    [(Contact(" "), "/name"), (Contact("王", "12"), "/phone"), (Contact("王", note="x" * 501), "/note")],
)
async def test_wrong_contact_data_are_refused_by_field(
    company: Company, contact: Contact, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await company.personal.seal(contact, UNITS["team-1"][2])
    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_the_timeline_tells_of_client_follow_ups_and_showings(company: Company) -> None:
    client = await company.register()
    await company.show(client.id)
    await company.hear()
    names = [entry["name"] for entry in await views.timeline(company.mongo, client.id)]
    assert set(names) == {
        "client-registered",
        "client-graded",
        "showing-booked",
        "showing-done",
        "follow-up-scheduled",
    }
    assert await views.timeline(company.mongo, new_id()) == []
