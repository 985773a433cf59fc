"""The generator names nothing of any service; these say that its codes are nevertheless theirs."""

from functools import cache

from deploy.demo.commands import (
    AdvanceCandidate,
    FollowUpDone,
    GradeClient,
    LoseCandidate,
    OpenSeries,
    PlanMeeting,
    RecordShowing,
)
from deploy.demo.company import DEFAULT_SEED, Company, generate
from deploy.demo.pipeline import STAGES
from deploy.demo.scale import Scale
from services.chassis.clock import utc_now
from services.clients.cadence.model import RETRIES, CadencePolicy
from services.clients.follow_ups.model import Outcome
from services.clients.grading.model import BY_HAND
from services.clients.showings.model import Remark
from services.contracts.clients import Grade
from services.recruiting.candidates.model import DEFAULT_STAGES, JOINED, LOST_REASONS
from services.training.series.model import DEFAULT_AGENDA, DEFAULT_START, SegmentKind

MEDIUM = Scale("medium", regions=2, branches=5, teams=14, people=190, hires=25, clients=2_000, days=60)


@cache
def company() -> Company:
    return generate(DEFAULT_SEED, MEDIUM, utc_now())


def test_the_pipeline_has_the_stages_of_recruiting_up_to_hiring() -> None:
    assert (*STAGES, JOINED) == tuple(stage.code for stage in DEFAULT_STAGES)


def test_nobody_is_moved_into_a_stage_that_recruiting_does_not_have() -> None:
    used = {move.to_stage for move in company().commands if isinstance(move, AdvanceCandidate)}
    assert used == set(STAGES[1:])


def test_candidates_are_given_up_for_the_reasons_of_recruiting() -> None:
    used = {lost.reason for lost in company().commands if isinstance(lost, LoseCandidate)}
    assert used == set(LOST_REASONS)


def test_grades_have_reasons_that_an_agent_can_choose() -> None:
    used = {graded.reason for graded in company().commands if isinstance(graded, GradeClient)}
    assert used <= set(BY_HAND)


def test_calls_have_all_the_outcomes_that_there_are() -> None:
    used = {call.outcome for call in company().commands if isinstance(call, FollowUpDone)}
    assert used == set(Outcome)


def test_clients_say_of_homes_everything_that_can_be_written_down() -> None:
    shown = [showing for showing in company().commands if isinstance(showing, RecordShowing)]
    assert {remark for showing in shown for home in showing.homes for remark in home.remarks} == set(Remark)


def test_the_cadence_is_the_one_that_clients_begins_with() -> None:
    from deploy.demo.client_story import _RETRIES, CADENCE_DAYS

    assert {Grade(grade): days for grade, days in CADENCE_DAYS.items()} == {
        grade: CadencePolicy().every(grade) for grade in Grade
    }
    assert _RETRIES == RETRIES


def test_meetings_are_those_that_training_proposes() -> None:
    assert {one.starts for one in company().commands if isinstance(one, OpenSeries)} == {DEFAULT_START}
    usual = [(segment.kind, segment.minutes) for segment in DEFAULT_AGENDA]
    for plan in company().commands:
        if isinstance(plan, PlanMeeting):
            assert [(SegmentKind(one.kind), one.minutes) for one in plan.agenda] == usual
