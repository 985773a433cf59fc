"""What people and programs send about candidates."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.chassis.errors import N_
from services.chassis.web.validation import Input
from services.contracts.recruiting import CandidateSource

Id = Annotated[str, Field(min_length=1, max_length=64)]
ChecklistItem = Literal["identity", "education", "photo", "licence"]
LostReason = Literal[
    "not_interested", "income_worries", "family", "other_company", "unreachable", "unsuitable"
]
StageCode = Literal[
    "listed", "contacted", "first_interview", "deep_interview", "opportunity_talk", "commitment"
]


class NewCandidate(Input):
    """Somebody who may become an agent."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    phone: Annotated[str, Field(min_length=5, max_length=30)]
    branch_id: Id
    source: CandidateSource
    referrer_id: Id | None = None
    consent: bool = False

    @model_validator(mode="after")
    def _referral_names_somebody(self) -> "NewCandidate":
        if self.source is CandidateSource.REFERRAL and self.referrer_id is None:
            raise ValueError(N_("Say who brought this candidate"))
        return self


class NewStage(Input):
    stage: StageCode


class Lost(Input):
    reason: LostReason


class Hire(Input):
    """The contract with a new agent."""

    team_id: Id
    mentor_id: Id | None = None
    start_date: date
    licence_expires: date
    seen: Annotated[list[ChecklistItem], Field(max_length=10, default_factory=list)]
    email: Annotated[str, Field(max_length=200, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
