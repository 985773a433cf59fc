"""Clients and moments that many tests use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.chassis.identity import new_id
from services.clients.cadence.hours import ContactHours, WorkingCalendar
from services.clients.cadence.public_holidays import works_in
from services.clients.files.model import Client, Standing
from services.clients.grading.model import Grading
from services.contracts.clients import ClientSource, Grade, GradedBy, Intent

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Shanghai."""
CAUSES = tuple(new_id(NOW + timedelta(seconds=second)) for second in range(20))
"""Ids of events, one after another."""
SHANGHAI = WorkingCalendar(ZoneInfo("Asia/Shanghai"), works_in("Asia/Shanghai"))


def a_client(
    grade: Grade | None = None,
    touched_at: datetime = NOW,
    hours: ContactHours | None = None,
    id_: str = "0193580a-0000-7000-8000-000000000001",
) -> Client:
    """A client of agent `lin` in the east."""
    client = Client(
        id=id_,
        agent_id="lin",
        org_path=("acme", "east", "jingan", "team-1"),
        company_id="acme",
        source=ClientSource.REFERRAL,
        sealed={"name": b"sealed"},
        phone_indexes=(),
        tokens=(),
        registered_at=touched_at,
        standing=Standing(touched_at=touched_at),
        hours=hours,
    )
    if grade is None:
        return client
    return replace(client, grading=Grading(grade, Intent.REAL, GradedBy.HAND, "buying_soon", touched_at))
