"""The words of imports. English ids; pages translate them."""

from collections.abc import Mapping

from services.chassis.errors import N_
from services.clients.imports.columns import Column
from services.clients.imports.model import Choice, Outcome, Stage

COLUMNS: Mapping[str, str] = {
    Column.NAME: N_("Name"),
    Column.PHONE: N_("Phone"),
    Column.PHONE_2: N_("Second phone"),
    Column.PHONE_3: N_("Third phone"),
    Column.WECHAT: N_("WeChat"),
    Column.EMAIL: N_("Mail"),
    Column.ADDRESS: N_("Address"),
    Column.WORK_ADDRESS: N_("Address at work"),
    Column.EMPLOYER: N_("Employer"),
    Column.OCCUPATION: N_("Occupation"),
    Column.INCOME: N_("Income"),
    Column.HOBBIES: N_("Hobbies"),
    Column.BIRTHDAY: N_("Birthday"),
    Column.NOTE: N_("Note"),
    Column.TAGS: N_("Tags"),
    Column.GRADE: N_("Grade"),
    Column.INTENT: N_("Intent"),
    Column.OWNER: N_("Agent"),
    Column.REGISTERED: N_("Client since"),
    Column.LAST_CONTACT: N_("Last contact"),
}
STAGES: Mapping[str, str] = {
    Stage.UPLOADED: N_("Uploaded"),
    Stage.CHECKING: N_("Being checked"),
    Stage.CHECKED: N_("Checked"),
    Stage.RUNNING: N_("Being read in"),
    Stage.DONE: N_("Read in"),
    Stage.UNDOING: N_("Being taken back"),
    Stage.UNDONE: N_("Taken back"),
}
OUTCOMES: Mapping[str, str] = {
    Outcome.NEW: N_("new"),
    Outcome.KNOWN: N_("known already"),
    Outcome.DOUBLE: N_("twice in the file"),
    Outcome.WRONG: N_("with errors"),
    Outcome.CREATED: N_("registered"),
    Outcome.FILLED: N_("filled up"),
    Outcome.TAKEN: N_("taken from the pool"),
    Outcome.SKIPPED: N_("left out"),
    Outcome.REMOVED: N_("taken back"),
    Outcome.KEPT: N_("could not be taken back"),
}
TONES: Mapping[str, str] = {
    Outcome.WRONG: "bad",
    Outcome.KEPT: "warn",
    Outcome.DOUBLE: "warn",
    Outcome.KNOWN: "info",
    Outcome.SKIPPED: "neutral",
}
CHOICES: Mapping[str, str] = {
    Choice.SKIP: N_("Leave them as they are"),
    Choice.FILL: N_("Fill in what is empty"),
    Choice.TAKE: N_("Take over who is in the pool"),
}
