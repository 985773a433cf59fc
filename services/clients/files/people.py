"""What a client file knows of people: birthdays, the family (家庭成员), and what they agreed to (同意). Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_LUNAR_DAYS = 30
_YEARS = range(1900, 2100)


class Calendar(StrEnum):
    """In which calendar somebody's birthday is kept."""

    SOLAR = "solar"
    LUNAR = "lunar"
    LEAP = "leap"
    """A leap month (闰月) of the lunar calendar."""


@dataclass(frozen=True)
class Birthday:
    """A birthday (生日) in the person's own calendar. Raises ValueError for a day that no year has."""

    month: int
    """1 to 12."""
    day: int
    lunar: bool = False
    """农历: month and day are of the Chinese calendar, and so is the year."""
    year: int | None = None
    """The year of birth, where it is known."""
    leap: bool = False
    """Born in the leap month (闰月) of this number; only of a lunar one."""

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12:
            raise ValueError("a year has twelve months")
        if not 1 <= self.day <= (_LUNAR_DAYS if self.lunar else _DAYS[self.month - 1]):
            raise ValueError("this month is shorter")
        if self.year is not None and self.year not in _YEARS:
            raise ValueError("this year is too far away")
        if self.leap and not self.lunar:
            raise ValueError("the solar calendar has no leap month")

    @classmethod
    def of(cls, calendar: Calendar, month: int, day: int, year: int | None = None) -> "Birthday":
        """The birthday in this calendar. Raises ValueError."""
        return cls(month, day, calendar is not Calendar.SOLAR, year, calendar is Calendar.LEAP)

    @property
    def calendar(self) -> Calendar:
        if self.leap:
            return Calendar.LEAP
        return Calendar.LUNAR if self.lunar else Calendar.SOLAR

    @property
    def key(self) -> str:
        """Calendar, month and day: the same for everybody who celebrates on the same day of the same calendar."""
        return f"{self.calendar}-{self.month:02}-{self.day:02}"

    def __str__(self) -> str:
        return f"{self.key}/{self.year}" if self.year is not None else self.key

    @classmethod
    def parse(cls, text: str) -> "Birthday":
        """The birthday that `str` wrote. Raises ValueError."""
        key, _, year = text.partition("/")
        calendar, month, day = key.split("-")
        return cls.of(Calendar(calendar), int(month), int(day), int(year) if year else None)


def every_birthday() -> Iterator[Birthday]:
    """All days that can be a birthday, without years: some eleven hundred."""
    for calendar in Calendar:
        for month in range(1, 13):
            longest = _DAYS[month - 1] if calendar is Calendar.SOLAR else _LUNAR_DAYS
            for day in range(1, longest + 1):
                yield Birthday.of(calendar, month, day)


@dataclass(frozen=True)
class KeptBirthday:
    """A birthday as the database finds it: whose, and a keyed digest of calendar, month and day."""

    whose: str
    """Empty for the client; otherwise the id of a member of the family."""
    token: str
    """`files.personal.birthday_token` of it. It reveals no day, only that two people share one."""


class Relation(StrEnum):
    """Who somebody is to the client."""

    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDPARENT = "grandparent"
    OTHER = "other"


@dataclass(frozen=True)
class FamilyMember:
    """Somebody of the client's family; everything but the relation is sealed."""

    id: str
    relation: Relation
    sealed: dict[str, bytes]
    """`name`, and where known `birthday` (as `Birthday` writes it), `phone`, `note`."""


class Channel(StrEnum):
    """A way to get in touch with a client."""

    CALL = "call"
    MESSAGE = "message"
    WECHAT = "wechat"
    EMAIL = "email"
    UPDATES = "updates"
    """Market and legal news, by whichever of the others."""


class ConsentGiven(StrEnum):
    """How somebody agreed."""

    IN_WRITING = "in_writing"
    IN_PERSON = "in_person"
    BY_PHONE = "by_phone"
    ONLINE = "online"


@dataclass(frozen=True)
class Consent:
    """The client agreed to be reached by this channel, and may have taken it back."""

    channel: Channel
    given_at: datetime
    given: ConsentGiven
    withdrawn_at: datetime | None = None

    @property
    def holds(self) -> bool:
        return self.withdrawn_at is None


def agrees(consents: Sequence[Consent], channel: Channel) -> bool:
    """Whether the client agreed to this channel and did not take it back."""
    return any(consent.holds and consent.channel is channel for consent in consents)


def given(
    consents: Sequence[Consent], channel: Channel, how: ConsentGiven, at: datetime
) -> tuple[Consent, ...]:
    """The consents with this one; the same ones when it holds already."""
    if agrees(consents, channel):
        return tuple(consents)
    return (*consents, Consent(channel, at, how))


def withdrawn(consents: Sequence[Consent], channel: Channel, at: datetime) -> tuple[Consent, ...]:
    """The consents after the client took this one back; the same ones when none holds."""
    return tuple(
        replace(each, withdrawn_at=at) if each.holds and each.channel is channel else each
        for each in consents
    )


def last(consents: Sequence[Consent], channel: Channel) -> Consent | None:
    """What the client said last of this channel; None when nothing was ever said."""
    said = [each for each in consents if each.channel is channel]
    return said[-1] if said else None
