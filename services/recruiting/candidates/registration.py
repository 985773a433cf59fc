"""From what somebody typed to the command: who may register where, and the personal data sealed."""

from services.chassis.access import Access
from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.contracts.organisation import UnitKind
from services.recruiting.candidates.commands import RegisterCandidate
from services.recruiting.candidates.forms import NewCandidate
from services.recruiting.candidates.personal import RECRUITERS, CandidateFiles


async def registration(
    new: NewCandidate, access: Access, directory: Directory, files: CandidateFiles
) -> RegisterCandidate:
    """The command for a new candidate of a branch where the visitor recruits. Raises `Invalid`."""
    branch = (await directory.units([new.branch_id])).get(new.branch_id)
    if (
        branch is None
        or branch.kind is not UnitKind.BRANCH
        or not access.may(*RECRUITERS, at=branch.org_path)
    ):
        raise Invalid(errors=[FieldError("/branch_id", N_("Choose a branch that you recruit for"))])
    if new.referrer_id is not None:
        referrer = (await directory.people([new.referrer_id])).get(new.referrer_id)
        if referrer is None or not access.sees(referrer.org_path):
            raise Invalid(errors=[FieldError("/referrer_id", N_("Choose somebody of your branch"))])
    sealed = await files.seal(branch.id, new.name, new.phone)
    return RegisterCandidate(
        candidate_id=new_id(),
        branch_id=branch.id,
        recruiter_id=access.person_id,
        source=new.source,
        referrer_id=new.referrer_id,
        sealed=sealed.fields,
        phone_index=sealed.phone_index,
        search_tokens=sealed.search_tokens,
        consented=new.consent,
    )
