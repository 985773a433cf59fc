"""The client file (客户档案): who looks after whom, and where the client stands. Pure.

What is personal is sealed field by field before it comes here; the rules never need it in clear.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.chassis.errors import N_, Conflict
from services.clients.cadence.hours import ContactHours
from services.clients.cadence.model import Level
from services.clients.files.people import Consent, FamilyMember, KeptBirthday
from services.clients.grading.model import Grading, Suggestion, weigh
from services.clients.ownership.tenure import Holding
from services.contracts.clients import ClientSource, FollowUpRule, Grade, GradedBy, Intent


@dataclass(frozen=True)
class NextFollowUp:
    """The earliest open follow-up, as it stands on the client itself."""

    id: str
    rule: FollowUpRule
    due_at: datetime
    escalated: Level | None = None


@dataclass(frozen=True)
class Agreed:
    """The next step that agent and client agreed on, and the follow-up in which they did."""

    at: datetime
    follow_up_id: str


@dataclass(frozen=True)
class Standing:
    """Where the client stands with us: what planning derives from, and what it came to.

    It changes with every contact and every plan, without moving the file's version: an agent who is writing down
    a new address is not told that "somebody" changed the file because a worker planned a call.
    """

    touched_at: datetime
    """The last contact that reached the client; the clock of the cadence starts here."""
    tried_at: datetime | None = None
    """The last attempt after it that was not answered."""
    tries: int = 0
    """Unanswered attempts in a row."""
    agreed: Agreed | None = None
    lost: bool = False
    next: NextFollowUp | None = None
    quiet_until: datetime | None = None
    """Until then nobody calls of their own accord: the client complained (冷静期). In the past it means nothing."""
    wakes_at: datetime | None = None
    """When planning looks at the client again although nothing happened: a birthday draws near, or nobody called."""

    def touched(self, at: datetime, agreed: Agreed | None = None) -> "Standing":
        """After a contact: the clock starts anew, what was agreed before is done with."""
        return replace(self, touched_at=max(at, self.touched_at), tried_at=None, tries=0, agreed=agreed)

    def tried(self, at: datetime, agreed: Agreed | None = None) -> "Standing":
        """After an attempt that nobody answered."""
        return replace(self, tried_at=at, tries=self.tries + 1, agreed=agreed)

    def given_up(self, at: datetime) -> "Standing":
        """After the client said no for good."""
        return replace(self.touched(at), lost=True, next=None)


@dataclass(frozen=True)
class Client:
    """One client of one agent, or of the pool."""

    id: str
    agent_id: str | None
    """None: in the public pool (公海) of the last unit of `org_path`, until somebody takes the client."""
    org_path: tuple[str, ...]
    company_id: str
    """The first of `org_path`: one phone is one client in one company."""
    source: ClientSource
    sealed: dict[str, bytes]
    """`name`, and whatever else of `files.personal.KINDS` is known."""
    phone_indexes: tuple[str, ...]
    """The blind indexes of all phones: each of them is this client and nobody else in the company."""
    tokens: tuple[str, ...]
    """By which the file is found: name, pinyin, initials, last digits, each as a keyed digest."""
    registered_at: datetime
    standing: Standing
    hours: ContactHours | None = None
    """When this client wants to be called; None means as the unit does."""
    grading: Grading | None = None
    suggestion: Suggestion | None = None
    weighed: str = ""
    """The id of the last event from which a rule drew its conclusion; older ones say nothing new."""
    shared_with: tuple[str, ...] = ()
    """Further agents who see the file and write in it; follow-ups are the client's agent's alone."""
    holding: Holding | None = None
    """Since when the client has this owner, and who had them before; None: whoever opened the file has it still."""
    pooled_at: datetime | None = None
    """Since when the client is in the pool; None outside it."""
    deals: int = 0
    """How many of the client's deals are signed and hold: a client who bought is not one who only looked."""

    birthdays: tuple[KeptBirthday, ...] = ()
    """The client's own and those of the family, by which the day finds them."""
    family: tuple[FamilyMember, ...] = ()
    consents: tuple[Consent, ...] = ()
    """Every consent ever given, with those taken back."""
    tags: tuple[str, ...] = ()
    """Words of the agents' own, such as 学区房; nothing personal."""
    merged_ids: tuple[str, ...] = ()
    """The files that were merged into this one; their history is read together with this one's."""
    erased_at: datetime | None = None
    """When everything personal was erased on request; who it was cannot be said any more."""

    @property
    def intent(self) -> Intent:
        """Of a client nobody graded yet: latent."""
        return self.grading.intent if self.grading else Intent.LATENT

    @property
    def grade(self) -> Grade | None:
        return self.grading.grade if self.grading else None


@dataclass(frozen=True)
class Owner:
    """Who a client belongs to, and where that is."""

    agent_id: str | None
    """None: the pool of the last unit of `org_path`."""
    org_path: tuple[str, ...]


def agent_of(client: Client) -> str:
    """Who looks after the client. Raises `Conflict`, in words, for one who is in the pool."""
    if client.agent_id is None:
        raise Conflict(N_("This client is in the pool: somebody has to take them first"))
    return client.agent_id


def erased(client: Client, at: datetime) -> Client:
    """The client of whom nothing personal is known any more, and whom nobody calls."""
    return replace(
        client,
        sealed={},
        phone_indexes=(),
        tokens=(),
        hours=None,
        suggestion=None,
        shared_with=(),
        pooled_at=None,
        birthdays=(),
        family=(),
        consents=(),
        tags=(),
        erased_at=at,
        standing=replace(client.standing, lost=True, agreed=None, next=None),
    )


def graded(client: Client, grade: Grade, intent: Intent, reason: str, at: datetime) -> Client:
    """The client with a grade given by hand. A suggestion is thereby answered, and a lost client is back."""
    return replace(
        client,
        grading=Grading(grade, intent, GradedBy.HAND, reason, at),
        suggestion=None,
        standing=replace(client.standing, lost=False),
    )


def suggestion_declined(client: Client) -> Client:
    """The client without the suggestion, which does not come again."""
    return replace(client, suggestion=None)


def behaved(client: Client, suggestion: Suggestion, at: datetime) -> Client:
    """The client after a rule drew a conclusion from an event; unchanged by one that was weighed already."""
    if suggestion.cause_id <= client.weighed:
        return client
    if client.grading is not None and client.grading.by is GradedBy.HAND and client.grading.at > at:
        return replace(client, weighed=suggestion.cause_id)
    result = weigh(client.grading, suggestion, at)
    return replace(
        client,
        grading=result.grading or client.grading,
        suggestion=result.suggestion,
        weighed=suggestion.cause_id,
    )
