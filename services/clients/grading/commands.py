"""Use cases of grading."""

from dataclasses import dataclass

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.model import Client, agent_of, graded, suggestion_declined
from services.clients.files.store import CLIENTS
from services.clients.grading.model import BY_HAND, Reason
from services.contracts.clients import ClientGraded, Grade, Intent


@dataclass(frozen=True, kw_only=True)
class GradeClient:
    client_id: str
    grade: Grade
    intent: Intent
    reason: Reason
    expected_version: int | None = None


async def grade(tx: Transaction, command: GradeClient) -> Stored[Client]:
    """Give the client a grade by hand. Raises `NotFound`, `StaleVersion`, `Invalid` for a reason kept for rules."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    suggested = stored.value.suggestion
    if command.reason not in BY_HAND and (suggested is None or suggested.reason != command.reason):
        raise Invalid(errors=[FieldError("/reason", N_("Choose a reason"))])
    after = graded(stored.value, command.grade, command.intent, command.reason, tx.now)
    return await CLIENTS.save(tx, stored, after, event_of(stored.value, after))


@dataclass(frozen=True, kw_only=True)
class DeclineSuggestion:
    client_id: str
    expected_version: int | None = None


async def decline(tx: Transaction, command: DeclineSuggestion) -> Stored[Client]:
    """Leave the grade as it is, whatever the rule suggested. Raises `NotFound`, `StaleVersion`."""
    stored = await CLIENTS.get(tx, command.client_id, command.expected_version)
    return await CLIENTS.save(tx, stored, suggestion_declined(stored.value))


def event_of(before: Client, after: Client) -> ClientGraded:
    """What others hear of a new grade."""
    if after.grading is None:
        raise ValueError("the client has no grade")
    return ClientGraded(
        occurred_at=after.grading.at,
        client_id=after.id,
        agent_id=agent_of(after),
        org_path=after.org_path,
        grade=after.grading.grade,
        previous_grade=before.grade,
        intent=after.grading.intent,
        graded_by=after.grading.by,
        reason=after.grading.reason,
    )
