"""What clients publishes: client files, follow-ups, showings, listings, matches, deals and updates."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.event import Aggregate, Event, Instant
from services.contracts.organisation import OrgPath

CLIENT = Aggregate("clients", "client")
FOLLOW_UP = Aggregate("clients", "follow-up")
SHOWING = Aggregate("clients", "showing")
LISTING = Aggregate("clients", "listing")
MATCH = Aggregate("clients", "match")
DEAL = Aggregate("clients", "deal")
UPDATE = Aggregate("clients", "update")


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
    """A client file (客户档案) was opened; what is personal stays in it."""

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


class Reassignment(StrEnum):
    """Why a client has another agent, or none."""

    BY_HAND = "by_hand"
    HANDOVER = "handover"
    """The agent before left (离职交接)."""
    RECALLED = "recalled"
    """A handover was taken back."""
    RELEASED = "released"
    """Nobody was in touch for too long: the client is in the public pool (公海) now."""
    GIVEN_UP = "given_up"
    """The agent put the client into the pool."""
    TAKEN = "taken"
    """An agent took the client out of the pool."""
    MERGED = "merged"
    """The agent's file was a double of another agent's."""


class ClientReassigned(Event, aggregate=CLIENT):
    """Another agent looks after the client, or nobody until somebody takes it out of the pool."""

    client_id: str
    agent_id: str | None
    """Empty: the client is in the pool of the last unit of `org_path`."""
    previous_agent_id: str | None
    """Empty: the client came out of the pool."""
    org_path: OrgPath
    reason: Reassignment


class ClientMerged(Event, aggregate=CLIENT):
    """Two files were of one client (合并): this one is kept, the other leads to it."""

    client_id: str
    merged_client_id: str
    agent_id: str | None
    org_path: OrgPath


class ClientMergeUndone(Event, aggregate=CLIENT):
    """They were two clients after all: both files are as they were, with what happened since in the kept one."""

    client_id: str
    merged_client_id: str
    agent_id: str | None
    org_path: OrgPath


class ClientErased(Event, aggregate=CLIENT):
    """The client asked to be forgotten: what was personal can no longer be read."""

    client_id: str
    org_path: OrgPath


class CoolingOffSet(Event, aggregate=CLIENT):
    """After a complaint nobody calls the client of their own accord for a while (冷静期), or may again at once."""

    client_id: str
    agent_id: str | None
    org_path: OrgPath
    until: Instant | None
    """Empty: who leads the agent ended it."""


class ReferralMade(Event, aggregate=CLIENT):
    """A client came because of another client or an agent (转介绍)."""

    client_id: str
    """The new client."""
    agent_id: str
    org_path: OrgPath
    referrer_client_id: str
    """The client who sent them."""


class FollowUpRule(StrEnum):
    """Why a follow-up was planned; with the id of the causing event it is the follow-up's key."""

    CADENCE = "cadence"
    SHOWING_FEEDBACK = "showing_feedback"
    NEXT_STEP = "next_step"
    """The agent agreed on it with the client."""
    OWN_INITIATIVE = "own_initiative"
    """Not planned: a contact that was written down when it was over."""
    UNPLANNED = "unplanned"
    """There was no plan for the client for so many days."""
    LISTING_MATCHED = "listing_matched"
    AFTER_SALE = "after_sale"
    """So many days after the move-in or the start of the policy."""
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    YEARLY_REVIEW = "yearly_review"
    THANKS = "thanks"
    """For a referral."""
    HANDOVER = "handover"
    """The new agent introduces themselves."""


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


class ShowingMoved(Event, aggregate=SHOWING):
    """A booked showing takes place at another moment, or with other homes."""

    showing_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    starts_at: Instant
    homes: Annotated[int, Field(ge=0)]


class ShowingCancelled(Event, aggregate=SHOWING):
    """A booked showing does not take place."""

    showing_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    reason: str
    """A code: `client`, `agent`, `home_gone` or `other`."""


class ShowingDone(Event, aggregate=SHOWING):
    """The client saw homes (带看), and said what they thought."""

    showing_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    homes: Annotated[int, Field(ge=0)]
    interest: Annotated[int, Field(ge=1, le=5)]
    """The client's interest after it as the agent saw it, 1 (none) to 5 (ready)."""


class ListingKind(StrEnum):
    SALE = "sale"
    RENTAL = "rental"
    POLICY = "policy"


class ListingClosing(StrEnum):
    """Why a listing is offered no longer."""

    SOLD = "sold"
    SOLD_ELSEWHERE = "sold_elsewhere"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class ListingAdded(Event, aggregate=LISTING):
    """A home (房源) or a product (险种) is offered."""

    listing_id: str
    agent_id: str
    """Who keeps it."""
    org_path: OrgPath
    kind: ListingKind


class ListingClosed(Event, aggregate=LISTING):
    """It is offered no longer."""

    listing_id: str
    agent_id: str
    org_path: OrgPath
    reason: ListingClosing


class ListingMatched(Event, aggregate=MATCH):
    """A listing suits what a client looks for; the client's agent should know."""

    match_id: str
    listing_id: str
    client_id: str
    agent_id: str
    """The client's."""
    org_path: OrgPath
    grade: Grade | None
    score: Annotated[int, Field(ge=0, le=100)]
    """Percent of what the client wishes."""
    rare: bool
    """Little else suits this client."""


class DealKind(StrEnum):
    SALE = "sale"
    RENTAL = "rental"
    POLICY = "policy"


class DealPart(StrEnum):
    """What somebody did for a deal."""

    FINDER = "finder"
    """Found the client."""
    KEEPER = "keeper"
    """Keeps the listing."""
    CLOSER = "closer"
    """Brought it to the signature."""
    HELPER = "helper"


class DealShare(BaseModel):
    """One agent's share of a deal; the amounts of all shares add up to the commission."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)

    agent_id: str
    org_path: OrgPath
    part: DealPart
    commission: Annotated[int, Field(ge=0)]
    """Minor units of the deal's currency."""


class DealProposed(Event, aggregate=DEAL):
    """A deal is signed, and its shares wait for somebody who leads the agents; it does not count yet."""

    deal_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    commission: Annotated[int, Field(ge=0)]
    """Minor units."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217."""


class DealClosed(Event, aggregate=DEAL):
    """A sale, a rental or a policy was signed (成交)."""

    deal_id: str
    client_id: str
    listing_id: str | None
    agent_id: str
    """The client's agent."""
    org_path: OrgPath
    kind: DealKind
    amount: Annotated[int, Field(ge=0)]
    """Price, yearly rent or yearly premium in minor units."""
    commission: Annotated[int, Field(ge=0)]
    """Minor units."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217."""
    shares: tuple[DealShare, ...]
    signed_on: date
    """In the time zone of the agent's unit."""
    starts_on: date | None
    """Move-in or start of the policy, where it is known."""


class DealUndone(Event, aggregate=DEAL):
    """The deal is void; everything that it counted for no longer counts."""

    deal_id: str
    client_id: str
    agent_id: str
    org_path: OrgPath
    closed_event_id: str
    """The id of the `deal-closed` that no longer holds."""
    reason: str
    """A code: `financing`, `withdrawn`, `cooling_off`, `error`, `other`."""


class UpdateKind(StrEnum):
    MARKET = "market"
    LEGAL = "legal"
    PRODUCT = "product"


class UpdateSent(Event, aggregate=UPDATE):
    """An agent sent a market or legal update to clients who agreed to get such."""

    update_id: str
    agent_id: str
    org_path: OrgPath
    kind: UpdateKind
    clients: Annotated[int, Field(ge=1)]


EVENTS: tuple[type[Event], ...] = (
    ClientRegistered,
    ClientGraded,
    ClientReassigned,
    ClientMerged,
    ClientMergeUndone,
    ClientErased,
    CoolingOffSet,
    ReferralMade,
    FollowUpScheduled,
    FollowUpDone,
    FollowUpMissed,
    FollowUpCancelled,
    ShowingBooked,
    ShowingMoved,
    ShowingCancelled,
    ShowingDone,
    ListingAdded,
    ListingClosed,
    ListingMatched,
    DealProposed,
    DealClosed,
    DealUndone,
    UpdateSent,
)
