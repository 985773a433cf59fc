"""The settings of units, and the days they work, as planning needs them."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.chassis.mongo import Document, Indexes, Mongo, Session
from services.chassis.organisation.directory import Directory
from services.chassis.work import Transaction
from services.clients.cadence.hours import WorkingCalendar
from services.clients.cadence.model import CadencePolicy, CadenceSettings, policy_of
from services.clients.cadence.public_holidays import works_in

CADENCE_SETTINGS = "cadence_settings"
INDEXES: Indexes = {CADENCE_SETTINGS: ()}

_DEFAULT_ZONE = "Asia/Shanghai"
_NAMES = tuple(field.name for field in fields(CadenceSettings) if field.name != "id")


@dataclass(frozen=True)
class Rhythm:
    """By what the follow-ups of one unit are planned."""

    policy: CadencePolicy
    calendar: WorkingCalendar


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
    said = await settings_of(mongo, org_path, session)
    units = await Directory(mongo, session).units(org_path[-1:])
    zone = units[org_path[-1]].time_zone if org_path[-1] in units else _DEFAULT_ZONE
    policy = policy_of(said[unit_id] for unit_id in org_path if unit_id in said)
    return Rhythm(policy, calendar_of(zone))


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
