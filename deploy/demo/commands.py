"""What happens in the demo company, as values: who wants what, at which moment.

They name nothing of any service; a loader turns them into the services' own commands. The codes (grades, sources,
stages, outcomes) are those of the contracts. Ids are the generator's and the same for the same seed; where a service
makes its own, as for follow-ups, the loader looks it up. Moments are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    at: datetime
    by: str
    """The person who does it; `system` before there are people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUnit(Command):
    unit_id: str
    kind: str
    name: str
    parent_id: str | None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPerson(Command):
    person_id: str
    name: str
    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRole(Command):
    person_id: str
    role: str
    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCandidate(Command):
    """The file is kept with the candidate's consent; who registers is the recruiter."""

    candidate_id: str
    branch_id: str
    source: str
    referrer_id: str | None
    name: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCandidate(Command):
    candidate_id: str
    to_stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseCandidate(Command):
    candidate_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HireCandidate(Command):
    """The whole checklist was seen. The person has the role of agent in the team from then on."""

    candidate_id: str
    person_id: str
    name: str
    team_id: str
    mentor_id: str
    start_date: date
    licence_expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSeries(Command):
    """Morning meetings of a branch on its working days."""

    series_id: str
    unit_id: str
    title: str
    starts: str
    """`HH:MM` in the unit's time zone."""
    host_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    kind: str
    title: str
    minutes: int
    presenter_id: str
    topic_kind: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMeeting(Command):
    meeting_id: str
    series_id: str
    unit_id: str
    starts_at: datetime
    title: str
    slogan: str
    host_id: str
    agenda: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    person_id: str
    status: str
    """`present`, `late`, `absent` or `leave`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMeeting(Command):
    """The meeting was started, people signed in, and it was closed at `at`."""

    meeting_id: str
    unit_id: str
    started_at: datetime
    attendance: tuple[Mark, ...]
    """Everybody of the branch at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterClient(Command):
    """Who registers is the agent who looks after the client."""

    client_id: str
    source: str
    name: str
    phone: str
    address: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeClient(Command):
    client_id: str
    grade: str
    intent: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpDone(Command):
    """The client's open follow-up of this rule was done; where none is open, the contact counts without one."""

    client_id: str
    rule: str
    outcome: str
    minutes: int
    intent: str
    next_step_at: datetime | None = None
    """What agent and client agreed on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferHome(Command):
    """Who offers is the agent who keeps the listing."""

    listing_id: str
    title: str
    place: tuple[str, ...]
    price: int
    """Minor units."""
    figures: Mapping[str, int]
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenNeed(Command):
    """What a client looks for: a home in one of these places, for so much, with so many rooms."""

    need_id: str
    client_id: str
    places: tuple[tuple[str, ...], ...]
    lowest: int
    highest: int
    """Minor units."""
    rooms: tuple[int, int]
    wishes: Mapping[str, int]
    """The least of a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookShowing(Command):
    showing_id: str
    client_id: str
    starts_at: datetime
    homes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenHome:
    label: str
    interest: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShowing(Command):
    showing_id: str
    client_id: str
    interest: int
    """1 (none) to 5 (ready)."""
    minutes: int
    homes: tuple[SeenHome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameReferrer(Command):
    """The client came because of another client."""

    client_id: str
    referrer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseDeal(Command):
    """A home was sold to the client. Who leads the agent confirms the shares, unless that is still to be done."""

    deal_id: str
    client_id: str
    price: int
    commission: int
    """Both in minor units of CNY."""
    keeper_id: str | None
    """A colleague who keeps the listing, for four tenths of the commission."""
    signed_on: date
    moves_in_on: date
    confirmed_by: str | None
