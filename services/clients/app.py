"""Where clients is put together: the only place that names its concrete parts."""

from collections.abc import Sequence

from services.chassis.mongo import Indexes
from services.chassis.organisation.events import HANDLERS as ORGANISATION
from services.chassis.personal_data import audit, vault
from services.chassis.streams.subscription import Subscription
from services.chassis.web.app import INDEXES as WEB
from services.clients.cadence import store as cadence
from services.clients.files import store as files
from services.clients.follow_ups import store as follow_ups
from services.clients.follow_ups import stream as follow_ups_stream
from services.clients.grading import stream as grading_stream
from services.clients.showings import store as showings

INDEXES: Sequence[Indexes] = (
    WEB,
    audit.INDEXES,
    vault.INDEXES,
    cadence.INDEXES,
    files.INDEXES,
    follow_ups.INDEXES,
    showings.INDEXES,
)


def subscription() -> Subscription:
    """What clients reads. A grade that a showing gives is there before its follow-ups are planned."""
    return Subscription("clients", tables=[ORGANISATION, grading_stream.HANDLERS, follow_ups_stream.HANDLERS])
