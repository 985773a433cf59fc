"""The demo's commands about units, people and candidates, as recruiting's own."""

from dataclasses import dataclass

from deploy.demo import commands as demo
from services.chassis.mongo import Mongo
from services.chassis.personal_data import MasterKey, Vault
from services.chassis.work import Transaction
from services.contracts.organisation import Role
from services.contracts.recruiting import CandidateSource
from services.recruiting.candidates.commands import (
    RegisterCandidate,
    lose_candidate,
    move_candidate,
    register_candidate,
)
from services.recruiting.candidates.personal import CandidateFiles
from services.recruiting.hiring.commands import HireCandidate, hire_candidate
from services.recruiting.hiring.model import CHECKLIST, Contract
from services.recruiting.organisation.commands import OpenUnit, open_unit
from services.recruiting.people.commands import RegisterPerson, grant_role, register_person


@dataclass(frozen=True)
class Recruiting:
    """Gives commands to recruiting."""

    files: CandidateFiles

    @classmethod
    def of(cls, mongo: Mongo, key: MasterKey) -> "Recruiting":
        """For this database."""
        return cls(CandidateFiles(Vault(mongo, key), key, mongo.database))

    async def play(self, tx: Transaction, command: demo.Command) -> None:
        """Do in this transaction, at its moment and by its actor, what the command says."""
        match command:
            case demo.OpenUnit():
                unit = OpenUnit(
                    unit_id=command.unit_id,
                    kind=command.kind,
                    name=command.name,
                    parent_id=command.parent_id,
                    time_zone=command.time_zone,
                )
                await open_unit(tx, unit)
            case demo.RegisterPerson():
                person = RegisterPerson(
                    person_id=command.person_id, name=command.name, unit_id=command.unit_id
                )
                await register_person(tx, person)
            case demo.GrantRole():
                await grant_role(tx, command.person_id, Role(command.role), command.unit_id)
            case demo.RegisterCandidate():
                await self._register(tx, command)
            case demo.AdvanceCandidate():
                await move_candidate(tx, command.candidate_id, command.to_stage, None)
            case demo.LoseCandidate():
                await lose_candidate(tx, command.candidate_id, command.reason, None)
            case demo.HireCandidate():
                await self._hire(tx, command)
            case _:
                raise TypeError(f"not for recruiting: {type(command).__name__}")

    async def _register(self, tx: Transaction, command: demo.RegisterCandidate) -> None:
        sealed = await self.files.seal(command.branch_id, command.name, command.phone)
        candidate = RegisterCandidate(
            candidate_id=command.candidate_id,
            branch_id=command.branch_id,
            recruiter_id=command.by,
            source=CandidateSource(command.source),
            referrer_id=command.referrer_id,
            sealed=sealed.fields,
            phone_index=sealed.phone_index,
            search_tokens=sealed.search_tokens,
            consented=True,
        )
        await register_candidate(tx, candidate)

    async def _hire(self, tx: Transaction, command: demo.HireCandidate) -> None:
        contract = Contract(
            team_id=command.team_id,
            mentor_id=command.mentor_id,
            start_date=command.start_date,
            seen=frozenset(CHECKLIST),
            licence_expires=command.licence_expires,
        )
        hired = HireCandidate(
            candidate_id=command.candidate_id,
            person_id=command.person_id,
            name=command.name,
            contract=contract,
        )
        await hire_candidate(tx, hired)
