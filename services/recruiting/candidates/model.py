"""Candidates and the pipeline they move through (增员流程). Rules only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.chassis.errors import N_


class PipelineRuleBroken(ValueError):
    """The pipeline does not allow this step; the text is a gettext id."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One column of the pipeline."""

    code: str
    required: bool
    """A required stage cannot be jumped over."""
    stalls_after: timedelta
    """A candidate who is here longer needs attention."""


LISTED, JOINED = "listed", "joined"

DEFAULT_STAGES: tuple[Stage, ...] = (
    Stage(code=LISTED, required=True, stalls_after=timedelta(days=3)),
    Stage(code="contacted", required=True, stalls_after=timedelta(days=5)),
    Stage(code="first_interview", required=True, stalls_after=timedelta(days=7)),
    Stage(code="deep_interview", required=False, stalls_after=timedelta(days=7)),
    Stage(code="opportunity_talk", required=False, stalls_after=timedelta(days=10)),
    Stage(code="commitment", required=True, stalls_after=timedelta(days=10)),
    Stage(code=JOINED, required=True, stalls_after=timedelta.max),
)
"""名单, 接触, 初次面谈, 深度面谈, 创说会, 促成, 入职."""

LOST_REASONS = ("not_interested", "income_worries", "family", "other_company", "unreachable", "unsuitable")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who may become an agent. Name and phone are sealed; the rules never need them."""

    id: str
    org_path: tuple[str, ...]
    """Of the branch that recruits."""
    recruiter_id: str
    source: str
    referrer_id: str | None
    stage: str
    stage_since: datetime
    sealed: dict[str, bytes]
    phone_index: str
    search_tokens: tuple[str, ...]
    consent_at: datetime | None
    registered_at: datetime
    lost_reason: str | None = None
    person_id: str | None = None
    """The agent they became."""


def move(candidate: Candidate, to_stage: str, stages: tuple[Stage, ...], now: datetime) -> Candidate:
    """The candidate in another column. Raises `PipelineRuleBroken`.

    Forwards nobody passes over a required stage; backwards is free. `joined` is reached by hiring alone, and
    nothing but a first contact may happen without consent.
    """
    codes = [stage.code for stage in stages]
    if to_stage not in codes:
        raise PipelineRuleBroken(N_("This stage is not part of the pipeline"))
    if to_stage == JOINED:
        raise PipelineRuleBroken(N_("A candidate joins by being hired"))
    _check_active(candidate)
    here, there = codes.index(candidate.stage), codes.index(to_stage)
    if here == there:
        return candidate
    skipped = [stage for stage in stages[here + 1 : there] if stage.required]
    if skipped:
        raise PipelineRuleBroken(N_("A required stage would be skipped"))
    if there > codes.index("contacted") and candidate.consent_at is None:
        raise PipelineRuleBroken(N_("Record the candidate's consent first"))
    return replace(candidate, stage=to_stage, stage_since=now)


def reachable(candidate: Candidate, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """The stages that the candidate may move on to from here: up to the next required one."""
    here = [stage.code for stage in stages].index(candidate.stage)
    ahead: list[Stage] = []
    for stage in stages[here + 1 :]:
        if stage.code == JOINED:
            break
        ahead.append(stage)
        if stage.required:
            break
    return tuple(ahead)


def lose(candidate: Candidate, reason: str, now: datetime) -> Candidate:
    """The candidate, given up for a reason from the list. Raises `PipelineRuleBroken`."""
    _check_active(candidate)
    if reason not in LOST_REASONS:
        raise PipelineRuleBroken(N_("This reason is not on the list"))
    return replace(candidate, lost_reason=reason, stage_since=now)


def consent(candidate: Candidate, now: datetime) -> Candidate:
    """The candidate who agreed to be contacted and to our keeping the file; the first time counts."""
    return candidate if candidate.consent_at else replace(candidate, consent_at=now)


def join(candidate: Candidate, person_id: str, stages: tuple[Stage, ...], now: datetime) -> Candidate:
    """The candidate as an agent. Raises `PipelineRuleBroken` unless only optional stages are left before."""
    _check_active(candidate)
    codes = [stage.code for stage in stages]
    left = stages[codes.index(candidate.stage) + 1 : codes.index(JOINED)]
    if any(stage.required for stage in left):
        raise PipelineRuleBroken(N_("The candidate has not come to a commitment yet"))
    return replace(candidate, stage=JOINED, stage_since=now, person_id=person_id)


def is_stalled(candidate: Candidate, stages: tuple[Stage, ...], now: datetime) -> bool:
    """True when the candidate is longer in this stage than is good."""
    if candidate.lost_reason or candidate.stage == JOINED:
        return False
    limit = next((stage.stalls_after for stage in stages if stage.code == candidate.stage), timedelta.max)
    return now - candidate.stage_since > limit


def _check_active(candidate: Candidate) -> None:
    if candidate.person_id:
        raise PipelineRuleBroken(N_("This candidate has already joined"))
    if candidate.lost_reason:
        raise PipelineRuleBroken(N_("This candidate was given up; bring them back first"))


def bring_back(candidate: Candidate, now: datetime) -> Candidate:
    """A lost candidate, active again where they were. Raises `PipelineRuleBroken` for one who was not lost."""
    if not candidate.lost_reason:
        raise PipelineRuleBroken(N_("This candidate is not lost"))
    return replace(candidate, lost_reason=None, stage_since=now)
