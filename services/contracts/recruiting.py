"""What recruiting publishes: units, people and candidates."""

from datetime import date
from enum import StrEnum

from services.contracts.event import Aggregate, Event
from services.contracts.organisation import OrgPath, Role, UnitKind

UNIT = Aggregate("recruiting", "unit")
PERSON = Aggregate("recruiting", "person")
CANDIDATE = Aggregate("recruiting", "candidate")


class UnitOpened(Event, aggregate=UNIT):
    """A company, region, branch or team exists from now on."""

    unit_id: str
    kind: UnitKind
    name: str
    parent_id: str | None
    org_path: OrgPath
    time_zone: str
    """IANA name; the days and periods of the unit are counted in it."""
    period_start_day: int = 1
    """Day of the month on which the unit's working month begins (26 for "26th to 25th")."""


class UnitRenamed(Event, aggregate=UNIT):
    """The unit goes by another name from now on."""

    unit_id: str
    name: str


class UnitMoved(Event, aggregate=UNIT):
    """The unit has another place in the tree. Published for each unit whose path changes, children too."""

    unit_id: str
    parent_id: str | None
    org_path: OrgPath


class UnitClosed(Event, aggregate=UNIT):
    """The unit is no more; its history keeps its id."""

    unit_id: str


class PersonRegistered(Event, aggregate=PERSON):
    """Somebody of the staff is known: the name they go by at work, and where they belong."""

    person_id: str
    name: str
    unit_id: str
    org_path: OrgPath


class RoleGranted(Event, aggregate=PERSON):
    """Somebody holds this role at this unit, and over its subtree."""

    person_id: str
    role: Role
    unit_id: str
    org_path: OrgPath


class RoleRevoked(Event, aggregate=PERSON):
    """Somebody holds this role at this unit no longer."""

    person_id: str
    role: Role
    unit_id: str


class AgentHired(Event, aggregate=PERSON):
    """A candidate became an agent (入职)."""

    person_id: str
    candidate_id: str | None
    name: str
    unit_id: str
    org_path: OrgPath
    start_date: date
    """A calendar day in the unit's time zone."""
    mentor_id: str | None = None
    referrer_id: str | None = None
    """Who brought them (增员人)."""
    recruiter_id: str | None = None
    """Who led the candidate through the pipeline and hired."""


class AgentMoved(Event, aggregate=PERSON):
    """An agent belongs to another unit now (调动)."""

    person_id: str
    unit_id: str
    org_path: OrgPath
    previous_org_path: OrgPath


class AgentLeft(Event, aggregate=PERSON):
    """An agent is no longer one of us (离职); whatever was theirs needs another owner."""

    person_id: str
    unit_id: str
    org_path: OrgPath
    last_day: date
    """A calendar day in the unit's time zone."""
    successor_id: str | None = None
    """Who takes over everything; without one each service hands it over by its own rule."""


class CandidateSource(StrEnum):
    REFERRAL = "referral"
    """增员: brought by one of our own agents."""
    JOB_BOARD = "job_board"
    CAMPUS = "campus"
    WALK_IN = "walk_in"
    CAMPAIGN = "campaign"


class CandidateRegistered(Event, aggregate=CANDIDATE):
    """Somebody who may become an agent is known (增员)."""

    candidate_id: str
    source: CandidateSource
    recruiter_id: str
    referrer_id: str | None = None
    org_path: OrgPath


class CandidateAdvanced(Event, aggregate=CANDIDATE):
    """The candidate moved to another stage of the pipeline."""

    candidate_id: str
    recruiter_id: str
    from_stage: str
    to_stage: str
    org_path: OrgPath


class CandidateLost(Event, aggregate=CANDIDATE):
    """The candidate will not join."""

    candidate_id: str
    recruiter_id: str
    from_stage: str
    reason: str
    """A code from the company's list, never free text."""
    org_path: OrgPath


EVENTS: tuple[type[Event], ...] = (
    UnitOpened,
    UnitRenamed,
    UnitMoved,
    UnitClosed,
    PersonRegistered,
    RoleGranted,
    RoleRevoked,
    AgentHired,
    AgentMoved,
    AgentLeft,
    CandidateRegistered,
    CandidateAdvanced,
    CandidateLost,
)
