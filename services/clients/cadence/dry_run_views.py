"""The dry run as it is read: clients and their history go by in batches, only the counts are kept."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.mongo import ASCENDING, Document, Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Unit
from services.chassis.work import TIMELINE
from services.clients.cadence.dry_run import History, Load, Summary, by_days, due_days, summary
from services.clients.cadence.hours import WorkingCalendar
from services.clients.cadence.model import CadenceSettings, Rhythm, policy_of
from services.clients.cadence.store import rhythms_of, settings_of
from services.clients.files.store import CLIENTS
from services.contracts.clients import FollowUpRule, Grade

MOST_CLIENTS = 10_000
"""Of more, every second, third ... is played and counts for as many."""
MOST_WEEKS = 26
_BATCH = 500
_LEAD_IN = timedelta(days=60)
"""How far before the weeks the last contact is looked for."""
_TOLD = ("client-graded", "follow-up-done", "showing-done")


@dataclass(frozen=True)
class AgentLoad:
    """One agent's load before and after."""

    agent_id: str
    name: str
    before: Summary
    after: Summary


@dataclass(frozen=True)
class DryRun:
    """The load with the settings that hold, and with those that are tried."""

    first: date
    last: date
    clients: int
    """How many were played."""
    one_in: int
    """1: all of them were."""
    before: Summary
    after: Summary
    days: tuple[tuple[date, int, int], ...]
    """Each working day with its calls before and after."""
    agents: tuple[AgentLoad, ...]


async def tried_out(mongo: Mongo, unit: Unit, tried: CadenceSettings, weeks: int, now: datetime) -> DryRun:
    """Play the settings of a unit over its last weeks. Raises `Invalid` when they contradict one another."""
    said = await settings_of(mongo, unit.org_path)
    try:
        policy_of([*(said[each] for each in unit.org_path[:-1] if each in said), tried])
    except ValueError as error:
        raise Invalid(errors=[FieldError("", N_("These settings contradict one another"))]) from error
    calendar = (await rhythms_of(mongo, [unit.org_path]))[unit.org_path].calendar
    last = calendar.local_day(now) - timedelta(days=1)
    first = last - timedelta(days=7 * weeks - 1)
    found = await mongo.collection(CLIENTS.collection).count_documents({"org_path": unit.id})
    one_in = -(-found // MOST_CLIENTS) or 1
    before, after = Load(), Load()
    rhythms: dict[tuple[str, ...], tuple[Rhythm, Rhythm]] = {}
    played = 0
    async for clients in _batches(mongo, unit.id, one_in):
        await _learn(mongo, {tuple(each["org_path"]) for each in clients}, tried, rhythms)
        happened = await _timeline(
            mongo, [each["_id"] for each in clients], calendar.midnight(first) - _LEAD_IN
        )
        for client in clients:
            history = _history(client, happened.get(client["_id"], ()), calendar, first)
            now_holds, would_hold = rhythms[tuple(client["org_path"])]
            for rhythm, load in ((now_holds, before), (would_hold, after)):
                days = due_days(history, rhythm.policy, rhythm.days.works_on, first, last)
                load.count(history.agent_id, days, one_in)
            played += 1
    every_day = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    called = {day for load in (before, after) for _, day in load.calls}
    working = [day for day in every_day if day in called or calendar.works_on(day)]
    agents = sorted({agent_id for load in (before, after) for agent_id, _ in load.calls})
    people = await Directory(mongo).people(agents)
    totals = by_days(before, agents, working), by_days(after, agents, working)
    return DryRun(
        first,
        last,
        played,
        one_in,
        summary(before, agents, working),
        summary(after, agents, working),
        tuple((day, totals[0][day], totals[1][day]) for day in working),
        tuple(
            AgentLoad(
                agent_id,
                people[agent_id].name if agent_id in people else agent_id,
                summary(before, [agent_id], working),
                summary(after, [agent_id], working),
            )
            for agent_id in agents
        ),
    )


async def _batches(mongo: Mongo, unit_id: str, one_in: int) -> AsyncIterator[list[Document]]:
    """The clients under a unit who have an agent, or one in so many of them, a batch after another."""
    last = ""
    wanted: Document = {"org_path": unit_id, "agent_id": {"$ne": None}, "standing.lost": False}
    if one_in > 1:
        wanted["$sampleRate"] = 1 / one_in
    fields = {"agent_id": 1, "org_path": 1, "registered_at": 1, "standing.touched_at": 1, "grading": 1}
    while True:
        found = await mongo.aggregate(
            CLIENTS.collection,
            [
                {"$match": {**wanted, "_id": {"$gt": last}}},
                {"$sort": {"_id": ASCENDING}},
                {"$limit": _BATCH},
                {"$project": fields},
            ],
        )
        if not found:
            return
        last = found[-1]["_id"]
        yield found


async def _learn(
    mongo: Mongo,
    org_paths: set[tuple[str, ...]],
    tried: CadenceSettings,
    rhythms: dict[tuple[str, ...], tuple[Rhythm, Rhythm]],
) -> None:
    """Find out by what clients at these places are called now, and would be."""
    unknown = org_paths - rhythms.keys()
    if not unknown:
        return
    present = await rhythms_of(mongo, unknown)
    said = await settings_of(mongo, {each for path in unknown for each in path}) | {tried.id: tried}
    for path in unknown:
        policy = policy_of(said[each] for each in path if each in said)
        rhythms[path] = present[path], Rhythm(policy, present[path].calendar)


async def _timeline(
    mongo: Mongo, client_ids: Sequence[str], since: datetime
) -> Mapping[str, Sequence[Document]]:
    """What happened to these clients, by client, in order."""
    found = mongo.collection(TIMELINE).find(
        {"facts.client_id": {"$in": list(client_ids)}, "at": {"$gte": since}, "name": {"$in": list(_TOLD)}},
        {
            "at": 1,
            "name": 1,
            "facts.client_id": 1,
            "facts.grade": 1,
            "facts.previous_grade": 1,
            "facts.rule": 1,
            "facts.outcome": 1,
        },
    )
    by_client: dict[str, list[Document]] = {}
    for entry in await found.to_list(None):
        by_client.setdefault(entry["facts"]["client_id"], []).append(entry)
    return {id_: sorted(entries, key=lambda each: each["at"]) for id_, entries in by_client.items()}


def _history(
    client: Document, entries: Sequence[Document], calendar: WorkingCalendar, first: date
) -> History:
    """What happened to a client; a grade older than what was read is the present one, unless that is newer."""
    begins = calendar.midnight(first)
    grading = client.get("grading")
    grade = Grade(grading["grade"]) if grading and grading["at"] < begins else None
    touched = min(client["registered_at"], begins)
    if client["standing"]["touched_at"] < begins:
        touched = max(touched, client["standing"]["touched_at"])
    graded: list[tuple[date, Grade]] = []
    contacts = [calendar.local_day(client["registered_at"])] if client["registered_at"] >= begins else []
    known_before = False
    for entry in entries:
        facts, day = entry["facts"], calendar.local_day(entry["at"])
        if entry["name"] == "client-graded":
            if entry["at"] < begins:
                grade, known_before = Grade(facts["grade"]), True
                continue
            if not graded and not known_before:
                grade = Grade(facts["previous_grade"]) if facts["previous_grade"] else None
            graded.append((day, Grade(facts["grade"])))
        elif facts.get("outcome") == "no_answer":
            continue
        elif entry["at"] < begins:
            touched = max(touched, entry["at"])
        elif facts.get("rule") != FollowUpRule.CADENCE:
            contacts.append(day)
    touched_on = calendar.local_day(touched)
    return History(client["agent_id"], touched_on, grade, tuple(graded), tuple(sorted(contacts)))
