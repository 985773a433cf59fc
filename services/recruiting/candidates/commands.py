"""Use cases of the pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.mongo import DuplicateKeyError
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.recruiting import (
    CandidateAdvanced,
    CandidateLost,
    CandidateRegistered,
    CandidateSource,
)
from services.recruiting.candidates import model
from services.recruiting.candidates.model import DEFAULT_STAGES, LISTED, Candidate, PipelineRuleBroken
from services.recruiting.candidates.store import CANDIDATES
from services.recruiting.organisation.store import UNITS


@dataclass(frozen=True, kw_only=True)
class RegisterCandidate:
    """`sealed`, `phone_index` and `search_tokens` come from the personal data of the form, made at the edge."""

    candidate_id: str
    branch_id: str
    recruiter_id: str
    source: CandidateSource
    referrer_id: str | None
    sealed: Mapping[str, bytes]
    phone_index: str
    search_tokens: tuple[str, ...]
    consented: bool


async def register_candidate(tx: Transaction, command: RegisterCandidate) -> Stored[Candidate]:
    """Open a file for somebody new. Raises `Conflict` when the phone is known, `NotFound` for the branch."""
    branch = (await UNITS.get(tx, command.branch_id)).value
    if command.source is CandidateSource.REFERRAL and not command.referrer_id:
        raise Invalid(errors=[FieldError("/referrer_id", N_("Say who brought this candidate"))])
    candidate = Candidate(
        id=command.candidate_id,
        org_path=branch.org_path,
        recruiter_id=command.recruiter_id,
        source=command.source.value,
        referrer_id=command.referrer_id,
        stage=LISTED,
        stage_since=tx.now,
        sealed=dict(command.sealed),
        phone_index=command.phone_index,
        search_tokens=command.search_tokens,
        consent_at=tx.now if command.consented else None,
        registered_at=tx.now,
    )
    registered = CandidateRegistered(
        occurred_at=tx.now,
        candidate_id=candidate.id,
        source=command.source,
        recruiter_id=candidate.recruiter_id,
        referrer_id=candidate.referrer_id,
        org_path=candidate.org_path,
    )
    try:
        return await CANDIDATES.add(tx, candidate, registered)
    except DuplicateKeyError as error:
        raise Conflict(N_("There is already a candidate with this phone number")) from error


async def move_candidate(
    tx: Transaction, candidate_id: str, to_stage: str, expected_version: int | None
) -> Stored[Candidate]:
    """Move the candidate to another column. Raises `Conflict`, `NotFound`, `StaleVersion`."""
    stored = await CANDIDATES.get(tx, candidate_id, expected_version)
    try:
        candidate = model.move(stored.value, to_stage, DEFAULT_STAGES, tx.now)
    except PipelineRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    if candidate == stored.value:
        return stored
    return await CANDIDATES.save(tx, stored, candidate, advanced(tx, stored.value, candidate))


def advanced(tx: Transaction, before: Candidate, after: Candidate) -> CandidateAdvanced:
    """The event of a candidate's having another stage than before."""
    return CandidateAdvanced(
        occurred_at=tx.now,
        candidate_id=after.id,
        recruiter_id=after.recruiter_id,
        from_stage=before.stage,
        to_stage=after.stage,
        org_path=after.org_path,
    )


async def lose_candidate(
    tx: Transaction, candidate_id: str, reason: str, expected_version: int | None
) -> Stored[Candidate]:
    """Give the candidate up. Raises `Conflict`, `NotFound`, `StaleVersion`."""
    stored = await CANDIDATES.get(tx, candidate_id, expected_version)
    try:
        candidate = model.lose(stored.value, reason, tx.now)
    except PipelineRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    lost = CandidateLost(
        occurred_at=tx.now,
        candidate_id=candidate.id,
        recruiter_id=candidate.recruiter_id,
        from_stage=candidate.stage,
        reason=reason,
        org_path=candidate.org_path,
    )
    return await CANDIDATES.save(tx, stored, candidate, lost)


async def bring_back_candidate(
    tx: Transaction, candidate_id: str, expected_version: int | None
) -> Stored[Candidate]:
    """Take a lost candidate up again, in the stage they had. Raises `Conflict`, `NotFound`, `StaleVersion`."""
    stored = await CANDIDATES.get(tx, candidate_id, expected_version)
    try:
        candidate = model.bring_back(stored.value, tx.now)
    except PipelineRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    return await CANDIDATES.save(tx, stored, candidate, advanced(tx, stored.value, candidate))


async def record_consent(
    tx: Transaction, candidate_id: str, expected_version: int | None
) -> Stored[Candidate]:
    """Note that the candidate agreed to our keeping the file. Raises `NotFound`, `StaleVersion`."""
    stored = await CANDIDATES.get(tx, candidate_id, expected_version)
    return await CANDIDATES.save(tx, stored, model.consent(stored.value, tx.now))
