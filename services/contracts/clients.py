"""What clients publishes: client files, follow-ups and showings."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from services.contracts.event import Aggregate, Event, Instant
from services.contracts.organisation import OrgPath

CLIENT = Aggregate("clients", "client")
FOLLOW_UP = Aggregate("clients", "follow-up")
SHOWING = Aggregate("clients", "showing")


class Grade(StrEnum):
    """How near the client is to a deal; it decides cadence, escalation and share of time."""

    A = "A"
    B = "B"
    C = "C"


class Intent(StrEnum):
    REAL = "real"
    POTENTIAL = "potential"
    LATENT = "latent"


class GradedBy(StrEnum):
    HAND = "hand"
    RULE = "rule"


class ClientSource(StrEnum):
    REFERRAL = "referral"
    WALK_IN = "walk_in"
    ONLINE = "online"
    CAMPAIGN = "campaign"
    OWN_NETWORK = "own_network"
    IMPORT = "import"


class ClientRegistered(Event, aggregate=CLIENT):
    """A client file was opened; what is personal stays in it."""

    client_id: str
    agent_id: str
    org_path: OrgPath
    source: ClientSource


class ClientGraded(Event, aggregate=CLIENT):
    """The client has this grade and intent from now on."""

    client_id: str
    agent_id: str
    org_path: OrgPath
    grade: Grade
    previous_grade: Grade | None
    intent: Intent
    graded_by: GradedBy
    reason: str
    """A code such as `budget_confirmed`, never free text."""


class FollowUpRule(StrEnum):
    """Why a follow-up was planned; with the id of the causing event it is the follow-up's key."""

    CADENCE = "cadence"
    SHOWING_FEEDBACK = "showing_feedback"
    NEXT_STEP = "next_step"
    """The agent agreed on it with the client."""


class FollowUpScheduled(Event, aggregate=FOLLOW_UP):
    """A follow-up was planned, or moved to another moment."""

    follow_up_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    rule: FollowUpRule
    due_at: Instant


class FollowUpDone(Event, aggregate=FOLLOW_UP):
    """The client was followed up (跟进), with this outcome."""

    follow_up_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    rule: FollowUpRule
    outcome: str
    """A code: `reached`, `no_answer`, `appointment`, `not_now`, `lost`."""
    minutes: Annotated[int, Field(ge=0)]
    intent: Intent
    due_at: Instant


class FollowUpMissed(Event, aggregate=FOLLOW_UP):
    """The follow-up is overdue by so much that it concerns who stands at `escalated_to`."""

    follow_up_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    due_at: Instant
    escalated_to: str
    """`agent`, `supervisor` or `branch`."""


class FollowUpCancelled(Event, aggregate=FOLLOW_UP):
    """Another plan took its place, or its cause is gone."""

    follow_up_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    reason: str


class ShowingBooked(Event, aggregate=SHOWING):
    """带看 agreed on."""

    showing_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    starts_at: Instant
    homes: Annotated[int, Field(ge=0)]


class ShowingDone(Event, aggregate=SHOWING):
    """The client saw homes (带看), and said what they thought."""

    showing_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    homes: Annotated[int, Field(ge=0)]
    interest: Annotated[int, Field(ge=1, le=5)]
    """The client's interest after it as the agent saw it, 1 (none) to 5 (ready)."""


EVENTS: tuple[type[Event], ...] = (
    ClientRegistered,
    ClientGraded,
    FollowUpScheduled,
    FollowUpDone,
    FollowUpMissed,
    FollowUpCancelled,
    ShowingBooked,
    ShowingDone,
)
