"""Hiring: a candidate becomes an agent in one step (入职)."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.contracts.organisation import Role
from services.contracts.recruiting import AgentHired, RoleGranted
from services.recruiting.candidates import model as pipeline
from services.recruiting.candidates.commands import advanced
from services.recruiting.candidates.model import DEFAULT_STAGES, Candidate, PipelineRuleBroken
from services.recruiting.candidates.store import CANDIDATES
from services.recruiting.hiring import model
from services.recruiting.hiring.model import Contract, HiringRuleBroken
from services.recruiting.organisation.model import Unit
from services.recruiting.organisation.store import UNITS
from services.recruiting.people.model import Career, HeldRole, Person
from services.recruiting.people.store import PEOPLE


@dataclass(frozen=True, kw_only=True)
class HireCandidate:
    """`name` is the name the agent goes by at work, opened from the candidate's file at the edge."""

    candidate_id: str
    person_id: str
    name: str
    contract: Contract
    email_index: str | None = None
    expected_version: int | None = None


async def hire_candidate(tx: Transaction, command: HireCandidate) -> Stored[Person]:
    """Close the candidate's file as joined and open the agent's, with the role of agent in the team.

    Raises `Invalid` when the contract is incomplete, `Conflict` when the candidate is not there yet, `NotFound`,
    `StaleVersion`.
    """
    stored = await CANDIDATES.get(tx, command.candidate_id, command.expected_version)
    team = (await UNITS.get(tx, command.contract.team_id)).value
    _check(tx, command.contract, team, stored.value)
    if command.contract.mentor_id:
        await PEOPLE.get(tx, command.contract.mentor_id)
    try:
        joined = pipeline.join(stored.value, command.person_id, DEFAULT_STAGES, tx.now)
    except PipelineRuleBroken as broken:
        raise Conflict(str(broken)) from broken
    await CANDIDATES.save(tx, stored, joined, advanced(tx, stored.value, joined))
    return await PEOPLE.add(tx, *_agent(tx, command, joined, team))


def _check(tx: Transaction, contract: Contract, team: Unit, candidate: Candidate) -> None:
    if team.kind != "team" or team.closed or team.org_path[0] != candidate.org_path[0]:
        raise Invalid(errors=[FieldError("/team_id", N_("Choose an open team of this company"))])
    today = tx.now.astimezone(ZoneInfo(team.time_zone)).date()
    try:
        model.check(contract, today)
    except HiringRuleBroken as broken:
        raise Invalid(errors=[FieldError(f"/{broken.field}", str(broken))]) from broken


def _agent(
    tx: Transaction, command: HireCandidate, candidate: Candidate, team: Unit
) -> tuple[Person, AgentHired, RoleGranted]:
    person = Person(
        id=command.person_id,
        name=command.name,
        unit_id=team.id,
        org_path=team.org_path,
        email_index=command.email_index,
        roles=(HeldRole(role=Role.AGENT.value, unit_id=team.id, org_path=team.org_path),),
        career=Career(
            start_date=command.contract.start_date,
            candidate_id=candidate.id,
            mentor_id=command.contract.mentor_id,
            referrer_id=candidate.referrer_id,
            recruiter_id=candidate.recruiter_id,
        ),
    )
    hired = AgentHired(
        occurred_at=tx.now,
        person_id=person.id,
        candidate_id=candidate.id,
        name=person.name,
        unit_id=team.id,
        org_path=team.org_path,
        start_date=command.contract.start_date,
        mentor_id=command.contract.mentor_id,
        referrer_id=candidate.referrer_id,
        recruiter_id=candidate.recruiter_id,
    )
    granted = RoleGranted(
        occurred_at=tx.now, person_id=person.id, role=Role.AGENT, unit_id=team.id, org_path=team.org_path
    )
    return person, hired, granted
