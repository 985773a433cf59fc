"""The words for what is kept as a code. English ids; pages translate them."""

from collections.abc import Mapping

from services.chassis.errors import N_
from services.clients.cadence.model import Level
from services.clients.deals.model import Stage as DealStage
from services.clients.deals.model import Undoing
from services.clients.files.people import Calendar, Channel, ConsentGiven, Relation
from services.clients.follow_ups.model import Outcome
from services.clients.grading.model import Reason
from services.clients.showings.model import Remark
from services.contracts.clients import (
    ClientSource,
    DealKind,
    DealPart,
    FollowUpRule,
    Intent,
    Reassignment,
    UpdateKind,
)

INTENTS: Mapping[str, str] = {
    Intent.REAL: N_("Real"),
    Intent.POTENTIAL: N_("Potential"),
    Intent.LATENT: N_("Latent"),
}
SOURCES: Mapping[str, str] = {
    ClientSource.REFERRAL: N_("Referral"),
    ClientSource.WALK_IN: N_("Walk-in"),
    ClientSource.ONLINE: N_("Online"),
    ClientSource.CAMPAIGN: N_("Campaign"),
    ClientSource.OWN_NETWORK: N_("Own network"),
    ClientSource.IMPORT: N_("Import"),
}
REASONS: Mapping[str, str] = {
    Reason.BUDGET_CONFIRMED: N_("Budget confirmed"),
    Reason.BUYING_SOON: N_("Wants to buy soon"),
    Reason.DECISION_MAKER: N_("Decides alone"),
    Reason.COMPARING: N_("Comparing offers"),
    Reason.WAITING: N_("Waiting for something"),
    Reason.JUST_LOOKING: N_("Just looking"),
    Reason.NO_BUDGET: N_("No budget yet"),
    Reason.REFERRED: N_("Warmly referred"),
    Reason.SHOWING_KEEN: N_("Keen at a showing"),
    Reason.SHOWING_OPEN: N_("Undecided at a showing"),
    Reason.SHOWING_COOL: N_("Cool at a showing"),
    Reason.IMPORTED: N_("From an imported file"),
}
RULES: Mapping[str, str] = {
    FollowUpRule.CADENCE: N_("Regular follow-up"),
    FollowUpRule.SHOWING_FEEDBACK: N_("Feedback after a showing"),
    FollowUpRule.NEXT_STEP: N_("Agreed next step"),
    FollowUpRule.OWN_INITIATIVE: N_("Contact that was not planned"),
    FollowUpRule.UNPLANNED: N_("Nobody was in touch for a while"),
    FollowUpRule.LISTING_MATCHED: N_("A listing suits"),
    FollowUpRule.AFTER_SALE: N_("After the deal: is all well?"),
    FollowUpRule.BIRTHDAY: N_("Birthday"),
    FollowUpRule.ANNIVERSARY: N_("Anniversary of the deal"),
    FollowUpRule.YEARLY_REVIEW: N_("Yearly review of the policy"),
    FollowUpRule.THANKS: N_("Thanks for a referral"),
    FollowUpRule.HANDOVER: N_("Introduce yourself"),
}
OUTCOMES: Mapping[str, str] = {
    Outcome.REACHED: N_("Reached"),
    Outcome.APPOINTMENT: N_("Appointment made"),
    Outcome.NOT_NOW: N_("Not now"),
    Outcome.NO_ANSWER: N_("No answer"),
    Outcome.LOST: N_("Lost"),
}
OUTCOME_ICONS: Mapping[str, str] = {
    Outcome.REACHED: "phone-check",
    Outcome.APPOINTMENT: "calendar-check",
    Outcome.NOT_NOW: "clock-pause",
    Outcome.NO_ANSWER: "phone-off",
    Outcome.LOST: "user-x",
}
LEVELS: Mapping[str, str] = {
    Level.AGENT: N_("Reminder to the agent"),
    Level.SUPERVISOR: N_("Supervisor informed"),
    Level.BRANCH: N_("Branch informed"),
}
REMARKS: Mapping[str, str] = {
    Remark.LIKES_LIGHT: N_("Likes the light"),
    Remark.LIKES_LAYOUT: N_("Likes the layout"),
    Remark.LIKES_PLACE: N_("Likes the area"),
    Remark.LIKES_PRICE: N_("Likes the price"),
    Remark.TOO_DEAR: N_("Too dear"),
    Remark.TOO_SMALL: N_("Too small"),
    Remark.TOO_FAR: N_("Too far"),
    Remark.TOO_NOISY: N_("Too noisy"),
    Remark.NEEDS_WORK: N_("Needs work"),
    Remark.FAMILY_DECIDES: N_("Family decides"),
}
INTERESTS: tuple[str, ...] = (N_("None"), N_("Little"), N_("Open"), N_("Keen"), N_("Ready"))
"""Of 1, 2, 3, 4, 5."""
UPDATE_KINDS: Mapping[str, str] = {
    UpdateKind.MARKET: N_("Market"),
    UpdateKind.LEGAL: N_("Law and policy"),
    UpdateKind.PRODUCT: N_("Product"),
}
DEAL_KINDS: Mapping[str, str] = {
    DealKind.SALE: N_("Sale"),
    DealKind.RENTAL: N_("Rental"),
    DealKind.POLICY: N_("Policy"),
}
DEAL_PARTS: Mapping[str, str] = {
    DealPart.CLOSER: N_("Closer"),
    DealPart.FINDER: N_("Finder of the client"),
    DealPart.KEEPER: N_("Keeper of the listing"),
    DealPart.HELPER: N_("Helper"),
}
DEAL_STAGES: Mapping[str, str] = {
    DealStage.NEGOTIATING: N_("Being negotiated"),
    DealStage.PROPOSED: N_("Shares to be confirmed"),
    DealStage.SIGNED: N_("Signed"),
    DealStage.IN_FORCE: N_("Paid, in force"),
    DealStage.VOID: N_("Void"),
}
DEAL_UNDOINGS: Mapping[str, str] = {
    Undoing.FINANCING: N_("No financing"),
    Undoing.WITHDRAWN: N_("Somebody withdrew"),
    Undoing.COOLING_OFF: N_("Within the cooling-off period"),
    Undoing.ERROR: N_("Written down by mistake"),
    Undoing.OTHER: N_("Another reason"),
}

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "phone_2": N_("Second phone"),
    "phone_3": N_("Third phone"),
    "phone_4": N_("Further phone"),
    "phone_5": N_("Further phone"),
    "phone_6": N_("Further phone"),
    "wechat": N_("WeChat"),
    "email": N_("Mail"),
    "address": N_("Address"),
    "work_address": N_("Work address"),
    "employer": N_("Employer"),
    "occupation": N_("Occupation"),
    "income": N_("Income"),
    "hobbies": N_("Hobbies"),
    "note": N_("Note"),
    "birthday": N_("Birthday"),
    "family": N_("Family"),
    "file": N_("The whole file"),
}
"""Of personal data, in the order in which they are shown."""
RELATIONS: Mapping[str, str] = {
    Relation.SPOUSE: N_("Spouse"),
    Relation.CHILD: N_("Child"),
    Relation.PARENT: N_("Parent"),
    Relation.SIBLING: N_("Brother or sister"),
    Relation.GRANDPARENT: N_("Grandparent"),
    Relation.OTHER: N_("Other relative"),
}
CHANNELS: Mapping[Channel, str] = {
    Channel.CALL: N_("Calls"),
    Channel.MESSAGE: N_("Text messages"),
    Channel.WECHAT: N_("WeChat"),
    Channel.EMAIL: N_("Mail"),
    Channel.UPDATES: N_("Market and legal news"),
}
CONSENTS: Mapping[str, str] = {
    ConsentGiven.IN_WRITING: N_("in writing"),
    ConsentGiven.IN_PERSON: N_("in person"),
    ConsentGiven.BY_PHONE: N_("by phone"),
    ConsentGiven.ONLINE: N_("online"),
}
CALENDARS: Mapping[str, str] = {
    Calendar.SOLAR: N_("Solar"),
    Calendar.LUNAR: N_("Lunar"),
    Calendar.LEAP: N_("Lunar, leap month"),
}
REASSIGNED: Mapping[str, str] = {
    Reassignment.BY_HAND: N_("by hand"),
    Reassignment.HANDOVER: N_("the agent before left"),
    Reassignment.RECALLED: N_("the handover was taken back"),
    Reassignment.RELEASED: N_("nobody was in touch for too long"),
    Reassignment.GIVEN_UP: N_("the agent gave the client up"),
    Reassignment.TAKEN: N_("taken out of the pool"),
    Reassignment.MERGED: N_("two files became one"),
}
