"""The words for what ownership keeps as a code. English ids; pages translate them."""

from collections.abc import Mapping

from services.chassis.errors import N_
from services.clients.ownership.handover_model import How, Why
from services.clients.ownership.settings import Following, HandoverRule

HANDOVER_RULES: Mapping[str, str] = {
    HandoverRule.SUPERVISOR: N_("To whoever leads the team"),
    HandoverRule.SPREAD: N_("Evenly to the agents of the team"),
    HandoverRule.POOL: N_("Into the pool"),
}
FOLLOWINGS: Mapping[str, str] = {
    Following.WITHIN_BRANCH: N_("Go along inside the branch, stay otherwise"),
    Following.ALWAYS: N_("Always go along"),
    Following.NEVER: N_("Always stay"),
}
WHYS: Mapping[str, str] = {Why.LEFT: N_("Left the company"), Why.MOVED: N_("Moved to another team")}
HOWS: Mapping[str, str] = {
    How.SUCCESSOR: N_("to the successor"),
    How.SUPERVISOR: N_("to whoever leads the team"),
    How.SPREAD: N_("spread over the team"),
    How.POOL: N_("into the pool"),
}
