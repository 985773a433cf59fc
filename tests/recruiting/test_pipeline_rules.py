"""What the pipeline promises: nothing that a stage requires is skipped, and joining is by hiring alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.recruiting.candidates.model import (
    DEFAULT_STAGES,
    Candidate,
    PipelineRuleBroken,
    bring_back,
    consent,
    is_stalled,
    join,
    lose,
    move,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def candidate(stage: str = "listed", *, consented: bool = True) -> Candidate:
    return Candidate(
        id="c1",
        org_path=("company", "region", "branch"),
        recruiter_id="trainer",
        source="walk_in",
        referrer_id=None,
        stage=stage,
        stage_since=NOW - timedelta(days=1),
        sealed={},
        phone_index="p",
        search_tokens=(),
        consent_at=NOW if consented else None,
        registered_at=NOW,
    )


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("listed", "contacted"),
        ("contacted", "first_interview"),
        ("first_interview", "deep_interview"),
        ("first_interview", "commitment"),  # both stages between are optional
        ("deep_interview", "commitment"),
        ("commitment", "listed"),
    ],
)
def test_a_candidate_moves_where_no_required_stage_is_skipped(here: str, there: str) -> None:
    moved = move(candidate(here), there, DEFAULT_STAGES, NOW)
    assert (moved.stage, moved.stage_since) == (there, NOW)


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("listed", "first_interview"),
        ("contacted", "deep_interview"),
        ("listed", "commitment"),
        ("commitment", "joined"),
    ],
)
def test_a_required_stage_is_not_skipped_and_joining_is_not_a_move(here: str, there: str) -> None:
    with pytest.raises(PipelineRuleBroken):
        move(candidate(here), there, DEFAULT_STAGES, NOW)


def test_without_consent_nothing_but_a_first_contact_happens() -> None:
    contacted = move(candidate(consented=False), "contacted", DEFAULT_STAGES, NOW)
    with pytest.raises(PipelineRuleBroken):
        move(contacted, "first_interview", DEFAULT_STAGES, NOW)
    assert move(consent(contacted, NOW), "first_interview", DEFAULT_STAGES, NOW).stage == "first_interview"


def test_staying_in_the_column_keeps_the_time_in_stage() -> None:
    here = candidate("contacted")
    assert move(here, "contacted", DEFAULT_STAGES, NOW) == here


def test_a_lost_candidate_waits_until_brought_back() -> None:
    lost = lose(candidate("contacted"), "family", NOW)
    with pytest.raises(PipelineRuleBroken):
        move(lost, "first_interview", DEFAULT_STAGES, NOW)
    assert bring_back(lost, NOW).lost_reason is None
    with pytest.raises(PipelineRuleBroken):
        lose(candidate(), "a reason of one's own", NOW)


def test_joining_needs_a_commitment() -> None:
    with pytest.raises(PipelineRuleBroken):
        join(candidate("deep_interview"), "p1", DEFAULT_STAGES, NOW)
    joined = join(candidate("commitment"), "p1", DEFAULT_STAGES, NOW)
    assert (joined.stage, joined.person_id) == ("joined", "p1")
    with pytest.raises(PipelineRuleBroken):
        join(joined, "p2", DEFAULT_STAGES, NOW)


def test_a_candidate_stalls_when_longer_in_a_stage_than_is_good() -> None:
    here = replace(candidate("contacted"), stage_since=NOW - timedelta(days=5))
    assert not is_stalled(here, DEFAULT_STAGES, NOW)
    assert is_stalled(here, DEFAULT_STAGES, NOW + timedelta(seconds=1))
    assert not is_stalled(lose(here, "family", NOW), DEFAULT_STAGES, NOW + timedelta(days=99))
