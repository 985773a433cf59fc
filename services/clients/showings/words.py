"""The words for why a showing does not take place."""

from collections.abc import Mapping

from services.chassis.errors import N_
from services.clients.showings.commands import Cancelling

CANCELLINGS: Mapping[str, str] = {
    Cancelling.CLIENT: N_("The client cannot come"),
    Cancelling.AGENT: N_("I cannot come"),
    Cancelling.HOME_GONE: N_("The home is gone"),
    Cancelling.OTHER: N_("Another reason"),
}
