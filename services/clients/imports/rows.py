"""A row of a file as a client: what stands in it, or what is wrong with it. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, Invalid
from services.clients.files.people import Birthday
from services.clients.files.personal import LONGEST, Contact
from services.clients.imports.columns import Column
from services.contracts.clients import Grade, Intent

CONTACT = tuple(column for column in Column if column.value in LONGEST)
MOST_TAGS = 10
LONGEST_TAG = 20
EARLIEST = date(1970, 1, 1)
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+(\d{1,2}):(\d{2})(?::\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY = re.compile(r"(?:(\d{4})\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_INTENTS: Mapping[str, Intent] = {
    **dict.fromkeys(("real", "高", "强", "准客户", "真实", "现实", "high"), Intent.REAL),
    **dict.fromkeys(("potential", "中", "潜在", "一般", "medium"), Intent.POTENTIAL),
    **dict.fromkeys(("latent", "低", "弱", "潜伏", "隐性", "low"), Intent.LATENT),
}
_USUAL: Mapping[Grade, Intent] = {Grade.A: Intent.REAL, Grade.B: Intent.POTENTIAL, Grade.C: Intent.LATENT}
_SPLIT = re.compile(r"[,，;；、|]+")

V = TypeVar("V")
Wrong = tuple[str, str]
"""A column, and what is wrong in words that are translated where they are shown."""


@dataclass(frozen=True)
class Entry:
    """What a row says."""

    contact: Contact
    owner: str = ""
    """As the file says it."""
    grade: Grade | None = None
    intent: Intent | None = None
    registered_at: datetime | None = None
    contacted_at: datetime | None = None
    tags: tuple[str, ...] = ()

    def phones(self) -> tuple[str, ...]:
        """All numbers in their one form."""
        return self.contact.phones


def entry_of(
    cells: Sequence[str], columns: Sequence[Column | None], zone: ZoneInfo, now: datetime
) -> tuple[Entry | None, list[Wrong]]:
    """What the row says, or everything that is wrong with it."""
    said = {column: cell for column, cell in zip(columns, cells, strict=False) if column is not None and cell}
    wrong: list[Wrong] = []
    contact = Contact(
        **{column.value: said.get(column, "") for column in CONTACT},
        birthday=_read(said, Column.BIRTHDAY, _birthday, wrong),
    )
    try:
        contact = contact.cleaned()
    except Invalid as invalid:
        wrong += [(error.pointer.removeprefix("/"), error.message) for error in invalid.errors]
    grade = _read(said, Column.GRADE, _grade, wrong)
    intent = _read(said, Column.INTENT, _intent, wrong)
    registered = _read(said, Column.REGISTERED, lambda text: _moment(text, zone, now), wrong)
    contacted = _read(said, Column.LAST_CONTACT, lambda text: _moment(text, zone, now), wrong)
    if registered and contacted and contacted < registered:
        # whoever was spoken to was known by then
        registered = contacted
    entry = Entry(
        contact=contact,
        owner=said.get(Column.OWNER, ""),
        grade=grade,
        intent=intent or (_USUAL[grade] if grade else None),
        registered_at=registered,
        contacted_at=contacted,
        tags=_tags(said.get(Column.TAGS, "")),
    )
    return (None if wrong else entry), wrong


def _read(
    said: Mapping[Column, str], column: Column, read: Callable[[str], V | None], wrong: list[Wrong]
) -> V | None:
    text = said.get(column, "")
    if not text:
        return None
    value = read(unicodedata.normalize("NFKC", text).strip())
    if value is None:
        wrong.append((column.value, _SAID[column]))
    return value


_SAID: Mapping[Column, str] = {
    Column.BIRTHDAY: N_("This is not a birthday"),
    Column.GRADE: N_("The grade is A, B or C"),
    Column.INTENT: N_("The intent is real, potential or latent"),
    Column.REGISTERED: N_("This is not a day in the past"),
    Column.LAST_CONTACT: N_("This is not a day in the past"),
}


def _grade(text: str) -> Grade | None:
    letter = text.upper().removesuffix("级").removesuffix("类").strip()
    return Grade(letter) if letter in {"A", "B", "C"} else None


def _intent(text: str) -> Intent | None:
    return _INTENTS.get(text.lower().removesuffix("意向").removesuffix("客户"))


def _moment(text: str, zone: ZoneInfo, now: datetime) -> datetime | None:
    """The moment by the clock of the unit, a day as its beginning; None for what is none, or lies ahead."""
    found = _DATE.fullmatch(text) or _COMPACT.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in (*found.groups(), "0", "0")[:5])
    try:
        local = datetime.combine(date(year, month, day), time(hour, minute), zone)
    except ValueError:
        return None
    moment = local.astimezone(UTC)
    return moment if local.date() >= EARLIEST and moment <= now else None


def _birthday(text: str) -> Birthday | None:
    lunar = text.startswith(("农历", "阴历", "lunar "))
    text = re.sub(r"^(农历|阴历|lunar |公历|阳历)\s*", "", text)
    found = _COMPACT.fullmatch(text) or _DAY.fullmatch(text.removesuffix(" 00:00:00"))
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        return Birthday(month or 0, day or 0, lunar, year)
    except ValueError:
        return None


def _tags(text: str) -> tuple[str, ...]:
    words = (" ".join(word.split()) for word in _SPLIT.split(text))
    return tuple(dict.fromkeys(word for word in words if 0 < len(word) <= LONGEST_TAG))[:MOST_TAGS]
