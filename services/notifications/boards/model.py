"""TV boards (大屏): what a screen shows, in which order, and how it is paired with a unit without a password."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.notifications.leaderboards.model import Metric
from services.notifications.leaderboards.periods import PeriodKind

CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0 and O, 1 and I: the code is read across a room."""
CODE_LENGTH = 6
CODE_VALID = timedelta(minutes=15)
ROWS = 7
"""On one ranking: what can be read from eight metres."""
NEWS_ROOM = 8
"""Lines of good news beside a ranking, when nothing else is there."""
MEETING_TAKES = 3
FRESH_NEWS = timedelta(days=7)


class SlotKind(StrEnum):
    RANKING = "ranking"
    IMPROVED = "improved"
    """最佳进步."""
    NEWS = "news"
    """喜报: hires, deals and showings, the newest first."""
    MEETING = "meeting"
    """The day's meeting with a countdown."""


@dataclass(frozen=True)
class Slot:
    """One thing that a board shows; metric and period only where the kind has them."""

    kind: SlotKind
    metric: Metric = Metric.EFFORT_POINTS
    period: PeriodKind = PeriodKind.DAY


DEFAULT_SLOTS = (
    Slot(SlotKind.RANKING, Metric.EFFORT_POINTS, PeriodKind.DAY),
    Slot(SlotKind.RANKING, Metric.EFFORT_POINTS, PeriodKind.MONTH),
    Slot(SlotKind.RANKING, Metric.SHOWINGS, PeriodKind.WEEK),
    Slot(SlotKind.RANKING, Metric.RESULT_POINTS, PeriodKind.MONTH),
    Slot(SlotKind.RANKING, Metric.COMMISSION, PeriodKind.MONTH),
    Slot(SlotKind.IMPROVED, Metric.EFFORT_POINTS, PeriodKind.WEEK),
    Slot(SlotKind.NEWS),
    Slot(SlotKind.MEETING),
)


@dataclass(frozen=True)
class Board:
    """One TV and what it shows."""

    id: str
    unit_id: str
    org_path: tuple[str, ...]
    device: str
    """The digest of the token that the TV holds."""
    paired_by: str
    paired_at: datetime
    slots: tuple[Slot, ...] = DEFAULT_SLOTS
    seconds: int = 15
    """How long one ranking stands before the next."""
    fresh_minutes: int = 30
    """A TV that has not asked for so long is stale."""
    stale_since: datetime | None = None
    revoked_at: datetime | None = None

    def rankings_from(self, moment: datetime) -> tuple[Slot, ...]:
        """The rankings, the one whose turn it is first; all boards of a house turn together."""
        rankings = [slot for slot in self.slots if slot.kind is SlotKind.RANKING]
        turn = int(moment.timestamp()) // self.seconds % len(rankings) if rankings else 0
        return (*rankings[turn:], *rankings[:turn])

    def turns_in(self, moment: datetime) -> float:
        """Seconds until the next ranking."""
        return self.seconds - moment.timestamp() % self.seconds

    def slot(self, kind: SlotKind) -> Slot | None:
        """The first slot of this kind."""
        return next((slot for slot in self.slots if slot.kind is kind), None)

    def is_stale(self, seen_at: datetime, now: datetime) -> bool:
        """Whether the TV was last seen longer ago than its limit."""
        return now - seen_at >= timedelta(minutes=self.fresh_minutes)

    def showing(self, slots: Sequence[Slot], seconds: int) -> "Board":
        """The board with other slots."""
        return replace(self, slots=tuple(slots), seconds=seconds)


@dataclass(frozen=True)
class Pairing:
    """A TV that shows a code and waits for somebody to enter it."""

    code: str
    token: str
    """Stays in the TV's cookie; we keep only its digest."""


def new_pairing() -> Pairing:
    """A code for people, and a token for the device."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    return Pairing(code, secrets.token_urlsafe(32))


def digest(token: str) -> str:
    """How a token is kept and looked up."""
    return hashlib.sha256(token.encode()).hexdigest()


def as_typed(code: str) -> str:
    """The code as somebody may type it: small letters, spaces, a dash, and the letters that look like others."""
    return code.upper().replace(" ", "").replace("-", "").replace("0", "O").replace("1", "I")


_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "慕容", "司徒", "夏侯")


def given_name(name: str) -> str:
    """What a board shows of a name (名): 梦瑶 of 李梦瑶, 蒋敏 as she is, Anna of Anna Kowalska."""
    if not name or name.isascii() or " " in name:
        return name.split(" ")[0]
    surname = 2 if name[:2] in _COMPOUND else 1
    return name[surname:] if len(name) - surname >= 2 else name
