"""The settings of units, and the days they work, as planning needs them."""

from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.chassis.access import Access
from services.chassis.mongo import Document, Indexes, Mongo, Session
from services.chassis.organisation.directory import Directory
from services.chassis.work import Transaction
from services.clients.cadence.hours import WorkingCalendar
from services.clients.cadence.model import CadenceSettings, Rhythm, policy_of
from services.clients.cadence.public_holidays import works_in

CADENCE_SETTINGS = "cadence_settings"
INDEXES: Indexes = {CADENCE_SETTINGS: ()}

_NAMES = tuple(field.name for field in fields(CadenceSettings) if field.name != "id")


async def settings_of(
    mongo: Mongo, unit_ids: Iterable[str], session: Session | None = None
) -> dict[str, CadenceSettings]:
    """What these units say themselves, by unit; units that say nothing are not in it."""
    documents = (
        await mongo.collection(CADENCE_SETTINGS)
        .find({"_id": {"$in": list(unit_ids)}}, session=session)
        .to_list(None)
    )
    return {document["_id"]: _settings(document) for document in documents}


async def rhythm_of(mongo: Mongo, org_path: tuple[str, ...], session: Session | None = None) -> Rhythm:
    """The policy and calendar that hold at this place of the tree."""
    return (await rhythms_of(mongo, [org_path], session))[org_path]


async def rhythms_of(
    mongo: Mongo, org_paths: Iterable[tuple[str, ...]], session: Session | None = None
) -> dict[tuple[str, ...], Rhythm]:
    """The same for many places, in two readings however many they are."""
    paths = set(org_paths)
    if not paths:
        return {}
    said = await settings_of(mongo, {unit_id for path in paths for unit_id in path}, session)
    units = await Directory(mongo, session).units(path[-1] for path in paths)

    def rhythm(path: tuple[str, ...]) -> Rhythm:
        zone = units[path[-1]].time_zone if path[-1] in units else Access.time_zone
        return Rhythm(policy_of(said[each] for each in path if each in said), calendar_of(zone))

    return {path: rhythm(path) for path in paths}


@lru_cache(maxsize=512)
def calendar_of(time_zone: str) -> WorkingCalendar:
    """The working days in this time zone (IANA name)."""
    return WorkingCalendar(ZoneInfo(time_zone), works_in(time_zone))


async def keep(tx: Transaction, settings: CadenceSettings) -> None:
    """Put these in the place of what the unit said before."""
    said: Document = {name: getattr(settings, name) for name in _NAMES}
    await tx.collection(CADENCE_SETTINGS).replace_one(
        {"_id": settings.id}, said, upsert=True, session=tx.session
    )


def _settings(document: Document) -> CadenceSettings:
    return CadenceSettings(id=document["_id"], **{name: document.get(name) for name in _NAMES})
