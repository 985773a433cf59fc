"""From the form of a contract to the command: who may hire into which team, and the name opened from the file."""

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.organisation.model import Person, Unit
from services.chassis.records import Stored
from services.contracts.organisation import UnitKind
from services.recruiting.candidates.forms import Hire
from services.recruiting.candidates.model import Candidate
from services.recruiting.candidates.personal import RECRUITERS, CandidateFiles
from services.recruiting.hiring.commands import HireCandidate
from services.recruiting.hiring.model import Contract
from services.recruiting.people.sign_in import EmailIndex


async def hiring(
    hire: Hire,
    candidate: Stored[Candidate],
    version: int | None,
    access: Access,
    directory: Directory,
    files: CandidateFiles,
    emails: EmailIndex,
) -> HireCandidate:
    """The command. Raises `Forbidden` for one who may not hire, `Invalid` for a team or mentor out of reach."""
    access.require(*RECRUITERS, at=candidate.value.org_path)
    if hire.team_id not in {team.id for team in await teams(candidate.value, directory)}:
        raise Invalid(errors=[FieldError("/team_id", N_("Choose a team of this branch"))])
    if hire.mentor_id and hire.mentor_id not in {one.id for one in await mentors(candidate.value, directory)}:
        raise Invalid(errors=[FieldError("/mentor_id", N_("Choose somebody of this branch"))])
    return HireCandidate(
        candidate_id=candidate.id,
        person_id=new_id(),
        name=await files.name(candidate.value.sealed),
        contract=Contract(
            team_id=hire.team_id,
            mentor_id=hire.mentor_id,
            start_date=hire.start_date,
            seen=frozenset(hire.seen),
            licence_expires=hire.licence_expires,
        ),
        email_index=emails.of(hire.email) if hire.email else None,
        expected_version=version,
    )


async def teams(candidate: Candidate, directory: Directory) -> list[Unit]:
    """The open teams of the branch that recruits."""
    return await directory.subtree(candidate.org_path[-1], kind=UnitKind.TEAM)


async def mentors(candidate: Candidate, directory: Directory) -> list[Person]:
    """Everybody of the branch that recruits."""
    return await directory.people_under(candidate.org_path[-1])
