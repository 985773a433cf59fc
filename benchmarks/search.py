"""Search for a client in a company of 1,000,000: by name, pinyin, initials, last digits and whole phone.

Names are drawn from the commonest surnames and from given names of one or two characters, so that common keys (a
surname, an initial) are those of many thousand clients and rare ones (a whole name, four digits) of a few hundred.
Asked is through the function of the page: the blind index, the query, decryption of names and phones and their audit
entry included. An agent searches among their own, a team's and a branch's leader among those below them, head office
among all. The same question without its index is not asked: it would read the whole collection.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count

from benchmarks import company
from benchmarks.figures import Aim, Figure, percentile
from benchmarks.place import Place
from services.chassis.access import Access, Grant
from services.chassis.identity import new_id
from services.chassis.mongo import Document, Mongo
from services.chassis.personal_data.master_key import MASTER_KEY_BYTES, MasterKey
from services.chassis.records import CONVERTER
from services.clients.app import DEFINITION
from services.clients.files.lists import search
from services.clients.files.model import Client, Standing
from services.clients.files.personal import Contact, PersonalData
from services.clients.files.views import Asker
from services.contracts.clients import ClientSource
from services.contracts.organisation import Role

TITLE = "search for a client"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CLIENTS_OF_AN_AGENT = 400
AGENTS_OF_A_BRANCH = company.TEAMS * company.AGENTS_IN_A_TEAM
_WRITTEN_AT_ONCE = 2_000
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
)
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰飞红建国志梅鑫波斌宇浩凯健俊帆雪婷慧"


@dataclass(frozen=True)
class Sizes:
    clients: int = 60_000
    questions: int = 60
    """Of each kind and each asker."""
    rounds: int = 3


SHORT, TINY, FULL = (
    Sizes(),
    Sizes(clients=800, questions=2, rounds=1),
    Sizes(clients=1_000_000, questions=100),
)


async def measure(place: Place, sizes: Sizes = SHORT) -> list[Figure]:
    """Every kind of question, from people who see much and who see little."""
    chance = random.Random(5)
    needed = -(-sizes.clients // CLIENTS_OF_AN_AGENT)
    async with place.database({}) as mongo:
        personal = PersonalData.of(mongo, MasterKey(b"b" * MASTER_KEY_BYTES))
        agents = list(await company.found(mongo, -(-needed // AGENTS_OF_A_BRANCH)))[:needed]
        await _fill(mongo, personal, agents, chance)
        # an index is built faster over what is there than entry by entry
        await mongo.prepare(DEFINITION.runtime().indexes)
        figures = []
        for who, asker, own in _askers(chance.choice(agents)):
            questions = [typed for _ in range(sizes.questions) for typed in _questions(chance)]
            await search(mongo, personal, asker, questions[0], own=own)
            taken = []
            for _ in range(sizes.rounds):
                times = []
                for typed in questions:
                    begun = time.perf_counter()
                    await search(mongo, personal, asker, typed, own=own)
                    times.append((time.perf_counter() - begun) * 1000)
                taken.append(times)
            said = f"{sizes.clients:,} clients, {who}"
            figures.append(Figure(f"{said}: median", "ms", tuple(percentile(each, 0.5) for each in taken)))
            last = tuple(percentile(each, 0.99) for each in taken)
            figures.append(Figure(f"{said}: 99 %", "ms", last, Aim(at_most=200)))
    return figures


def _askers(agent: company.Agent) -> list[tuple[str, Asker, bool]]:
    path = agent.org_path

    def asker(role: Role, unit_path: tuple[str, ...]) -> Asker:
        grants = (Grant(role, unit_path[-1], unit_path),)
        return Asker(Access(agent.id, agent.id, grants, unit_path[-1], unit_path), "benchmark", NOW)

    return [
        ("an agent among their own", asker(Role.AGENT, path), True),
        ("who leads a team", asker(Role.SUPERVISOR, path), False),
        ("who leads a branch", asker(Role.BRANCH_MANAGER, path[:-1]), False),
        ("head office", asker(Role.HEAD_OFFICE, path[:1]), False),
    ]


def _questions(chance: random.Random) -> tuple[str, ...]:
    """A whole name, a surname, a full pinyin, initials, four digits, and a phone that may be nobody's."""
    surname, given = chance.choice(_SURNAMES), _given(chance)
    return (
        surname + given,
        surname,
        chance.choice(("wangwei", "lijing", "zhangmin", "chenjie", "zhao", "zhoutao")),
        chance.choice(("wxm", "lj", "zw", "ch", "yyl", "hgq")),
        f"{chance.randrange(10_000):04}",
        _phone(chance.randrange(2_000_000)),
    )


def _given(chance: random.Random) -> str:
    return "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))


def _phone(place: int) -> str:
    """A number of its own for each place, spread over all last digits."""
    return f"13{place * 611_953 % 10**9:09}"


async def _fill(
    mongo: Mongo, personal: PersonalData, agents: Sequence[company.Agent], chance: random.Random
) -> None:
    """Clients with the search tokens of their own names and phones, and what is sealed made once for a team."""
    sealed: dict[tuple[str, ...], dict[str, bytes]] = {}
    documents: list[Document] = []
    places = count()

    @lru_cache(maxsize=200_000)
    def tokens_of(name: str) -> tuple[str, ...]:
        return tuple(personal.index.search_tokens(name))

    for agent in agents:
        if agent.org_path not in sealed:
            contact = await personal.seal(Contact("王小明", "13800138000"), agent.org_path)
            sealed[agent.org_path] = contact.fields
        for _ in range(CLIENTS_OF_AN_AGENT):
            number = _phone(next(places))
            digits = tuple(personal.index.search_token(part) or "" for part in (number[-4:], number))
            tokens = tokens_of(chance.choice(_SURNAMES) + _given(chance)) + digits
            documents.append(_document(agent, sealed[agent.org_path], tokens, personal.index.phone(number)))
        if len(documents) >= _WRITTEN_AT_ONCE:
            await mongo.collection("clients").insert_many(documents, ordered=False)
            documents = []
    if documents:
        await mongo.collection("clients").insert_many(documents, ordered=False)


def _document(
    agent: company.Agent, sealed: dict[str, bytes], tokens: tuple[str, ...], phone_index: str
) -> Document:
    client = Client(
        id=new_id(),
        agent_id=agent.id,
        org_path=agent.org_path,
        company_id=company.COMPANY,
        source=ClientSource.IMPORT,
        sealed=sealed,
        phone_indexes=(phone_index,),
        tokens=tokens,
        registered_at=NOW,
        standing=Standing(touched_at=NOW),
    )
    document: Document = CONVERTER.unstructure(client)
    id_ = document.pop("id")
    return {"_id": id_, "version": 1, "sequence": 1, "last_event_id": id_, "updated_at": NOW, **document}
