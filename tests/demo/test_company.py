"""The company's shape: what a visitor would find odd if it were otherwise."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.demo.commands import (
    AdvanceCandidate,
    BookShowing,
    Command,
    FollowUpDone,
    GradeClient,
    GrantRole,
    HireCandidate,
    HoldMeeting,
    LoseCandidate,
    OfferHome,
    OpenNeed,
    OpenUnit,
    PlanMeeting,
    RecordShowing,
    RegisterCandidate,
    RegisterClient,
    RegisterPerson,
)
from deploy.demo.company import DEFAULT_SEED, Company, generate
from deploy.demo.pipeline import STAGES
from deploy.demo.scale import FULL, SMALL, Scale
from deploy.demo.working_days import is_holiday, is_working_day, local_day
from services.contracts import clients, organisation, recruiting, training

C = TypeVar("C", bound=Command)

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MEDIUM = Scale("medium", regions=2, branches=5, teams=14, people=190, hires=25, clients=3_000, days=90)

seeds = st.integers(0, 2**32)
moments = st.integers(
    int(datetime(2026, 2, 1, tzinfo=UTC).timestamp()), int(datetime(2028, 6, 1, tzinfo=UTC).timestamp())
).map(lambda second: datetime.fromtimestamp(second, UTC))


@cache
def company(scale: Scale = MEDIUM, seed: int = DEFAULT_SEED) -> Company:
    return generate(seed, scale, NOW)


def of(company: Company, *kinds: type[C]) -> list[C]:
    return [command for command in company.commands if isinstance(command, kinds)]


def hires(company: Company) -> dict[str, HireCandidate]:
    return {hire.person_id: hire for hire in of(company, HireCandidate)}


def share_of_top_tenth(company: Company, done: Iterable[Command]) -> float:
    by_agent = Counter(command.by for command in done)
    agents = [person.id for person in company.staff.people if person.role == "agent"]
    results = sorted((by_agent[agent] for agent in agents), reverse=True)
    return sum(results[: len(results) // 10]) / sum(results)


def test_one_seed_gives_the_same_company_every_time() -> None:
    assert generate(7, SMALL, NOW) == generate(7, SMALL, NOW)


def test_another_seed_gives_another_company() -> None:
    assert generate(7, SMALL, NOW).commands != generate(8, SMALL, NOW).commands


@pytest.mark.parametrize("scale", [SMALL, MEDIUM])
def test_it_has_the_size_it_is_asked_for(scale: Scale) -> None:
    made = company(scale)
    kinds = Counter(unit.kind for unit in of(made, OpenUnit))
    assert kinds == {
        "company": 1,
        "region": scale.regions,
        "branch": scale.branches,
        "team": scale.teams,
    }
    assert len(of(made, RegisterPerson)) + len(of(made, HireCandidate)) == scale.people
    assert len(of(made, HireCandidate)) == scale.hires
    assert len(of(made, RegisterClient)) == scale.clients


def test_the_full_company_has_the_promised_size() -> None:
    assert (FULL.regions, FULL.branches, FULL.teams, FULL.people, FULL.clients) == (3, 12, 40, 600, 20_000)
    assert FULL.days >= 182


@settings(max_examples=25, deadline=None)
@given(seeds, moments)
def test_whatever_the_seed_and_the_day_nothing_happens_before_its_cause(seed: int, until: datetime) -> None:
    made = generate(seed, SMALL, until)
    units: set[str] = set()
    people: set[str] = {"system"}
    stages: dict[str, str] = {}
    clients: dict[str, str] = {}
    graded: set[str] = set()
    lost: set[str] = set()
    planned: set[str] = set()
    booked: dict[str, str] = {}
    before = datetime.min.replace(tzinfo=UTC)
    for command in made.commands:
        assert before <= command.at <= until
        before = command.at
        assert command.by in people
        match command:
            case OpenUnit():
                assert command.parent_id is None or command.parent_id in units
                units.add(command.unit_id)
            case RegisterPerson():
                assert command.unit_id in units
                people.add(command.person_id)
            case GrantRole():
                assert command.person_id in people
                assert command.unit_id in units
            case RegisterCandidate():
                assert command.referrer_id is None or command.referrer_id in people
                assert (command.source == "referral") == (command.referrer_id is not None)
                stages[command.candidate_id] = "listed"
            case AdvanceCandidate():
                here = STAGES.index(stages[command.candidate_id])
                there = STAGES.index(command.to_stage)
                skipped = set(STAGES[here + 1 : there])
                assert there > here
                assert skipped <= {"deep_interview", "opportunity_talk"}
                stages[command.candidate_id] = command.to_stage
            case LoseCandidate():
                assert stages.pop(command.candidate_id) in STAGES
            case HireCandidate():
                assert stages.pop(command.candidate_id) == "commitment"
                assert command.mentor_id in people
                people.add(command.person_id)
            case PlanMeeting():
                assert command.at < command.starts_at
                assert {segment.presenter_id for segment in command.agenda} <= people
                planned.add(command.meeting_id)
            case HoldMeeting():
                planned.remove(command.meeting_id)
                assert {mark.person_id for mark in command.attendance} <= people
            case RegisterClient():
                clients[command.client_id] = command.by
            case GradeClient():
                assert clients[command.client_id] == command.by
                graded.add(command.client_id)
            case FollowUpDone():
                assert clients[command.client_id] == command.by
                assert command.client_id in graded - lost
                if command.outcome == "lost":
                    lost.add(command.client_id)
            case BookShowing():
                assert clients[command.client_id] == command.by
                assert command.starts_at > command.at
                booked[command.showing_id] = command.client_id
            case RecordShowing():
                assert booked.pop(command.showing_id) == command.client_id
                assert len({home.label for home in command.homes}) == len(command.homes) > 0
    assert len(of(made, RegisterClient)) == SMALL.clients


def test_every_agent_has_a_team_with_a_supervisor() -> None:
    staff = company().staff
    teams = {unit.id for unit in staff.units if unit.kind == "team"}
    led = Counter(person.unit_id for person in staff.people if person.role == "supervisor")
    assert {person.unit_id for person in staff.people if person.role == "agent"} == teams
    assert led == dict.fromkeys(teams, 1)


def test_nobody_works_before_the_day_they_were_hired() -> None:
    hired = hires(company())
    assert len(hired) == MEDIUM.hires
    for command in company().commands:
        if command.by in hired:
            assert command.at > hired[command.by].at
    for meeting in of(company(), HoldMeeting):
        for mark in meeting.attendance:
            assert mark.person_id not in hired or hired[mark.person_id].at < meeting.at


def test_everybody_of_the_branch_has_a_mark_in_each_meeting() -> None:
    made = company()
    for branch in made.staff.branches:
        people = made.staff.of_branch(branch)
        for meeting in of(made, HoldMeeting):
            if meeting.unit_id == branch.unit.id:
                there = {person.id for person in people if person.starts <= local_day(meeting.at)}
                assert {mark.person_id for mark in meeting.attendance} == there


def test_each_branch_meets_on_each_working_day_and_on_no_other() -> None:
    days = [local_day(NOW) - timedelta(days=back) for back in range(MEDIUM.days)]
    working = {day for day in days if is_working_day(day)}
    met = defaultdict(list)
    for meeting in of(company(), HoldMeeting):
        met[meeting.unit_id].append(local_day(meeting.started_at))
    assert len(met) == MEDIUM.branches
    for days_met in met.values():
        assert len(days_met) == len(working)
        assert set(days_met) == working


def test_attendance_is_good_and_never_perfect() -> None:
    marks = Counter(mark.status for meeting in of(company(), HoldMeeting) for mark in meeting.attendance)
    assert 0.84 < marks["present"] / marks.total() < 0.94
    assert set(marks) == {"present", "late", "absent", "leave"}


def test_the_four_kinds_of_topic_are_in_balance() -> None:
    kinds = Counter(
        segment.topic_kind
        for plan in of(company(), PlanMeeting)
        for segment in plan.agenda
        if segment.topic_kind
    )
    assert set(kinds) == {"mindset", "theory", "product", "behaviour"}
    assert max(kinds.values()) - min(kinds.values()) <= MEDIUM.branches


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
def test_few_clients_are_a_and_most_are_c(seed: int) -> None:
    grades = {graded.client_id: graded.grade for graded in of(company(seed=seed), GradeClient)}
    shares = {grade: count / len(grades) for grade, count in Counter(grades.values()).items()}
    assert 0.07 < shares["A"] < 0.14
    assert 0.24 < shares["B"] < 0.35
    assert 0.55 < shares["C"] < 0.66


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2])
def test_a_tenth_of_the_agents_brings_a_good_part_of_the_results(seed: int) -> None:
    made = company(seed=seed)
    assert 0.35 < share_of_top_tenth(made, of(made, RecordShowing)) < 0.52


def test_weekends_and_holidays_are_quieter() -> None:
    days = Counter(local_day(command.at) for command in company().commands)
    first = min(days)

    def per_day(kind: object) -> float:
        chosen = [count for day, count in days.items() if day != first and _kind_of(day) == kind]
        return sum(chosen) / len(chosen)

    assert 0 < per_day("weekend") < 0.4 * per_day("work")
    assert 0 < per_day("holiday") < per_day("weekend")


def _kind_of(day: date) -> str:
    return "work" if is_working_day(day) else "holiday" if is_holiday(day) else "weekend"


def test_clients_are_shown_homes_at_weekends() -> None:
    days = Counter(local_day(showing.starts_at).weekday() for showing in of(company(), BookShowing))
    weekend, week = (days[5] + days[6]) / 2, sum(days[day] for day in range(5)) / 5
    assert weekend > week


def test_all_call_times_are_decent() -> None:
    for call in of(company(), FollowUpDone):
        assert 9 <= (call.at + timedelta(hours=8)).hour < 20
        assert call.minutes >= 1


def test_no_two_people_share_a_phone_or_a_work_name() -> None:
    made = company()
    phones = [
        command.phone for command in made.commands if isinstance(command, RegisterClient | RegisterCandidate)
    ]
    assert len(set(phones)) == len(phones)
    assert all(phone.startswith("199000") and len(phone) == 11 for phone in phones)
    names = [person.name for person in made.staff.people]
    assert len(set(names)) == len(names)


def test_ids_are_unique_and_of_version_7() -> None:
    made = company()
    ids = [
        *(unit.id for unit in made.staff.units),
        *(person.id for person in made.staff.people),
        *(command.client_id for command in of(made, RegisterClient)),
        *(command.candidate_id for command in of(made, RegisterCandidate)),
        *(command.meeting_id for command in of(made, PlanMeeting)),
        *(command.showing_id for command in of(made, BookShowing)),
    ]
    assert len(set(ids)) == len(ids)
    assert {one[14] for one in ids} == {"7"}


def test_candidates_stand_in_every_stage_of_every_branch() -> None:
    made = company()
    stage: dict[str, tuple[str, str]] = {}
    for command in made.commands:
        match command:
            case RegisterCandidate():
                stage[command.candidate_id] = (command.branch_id, "listed")
            case AdvanceCandidate():
                stage[command.candidate_id] = (stage[command.candidate_id][0], command.to_stage)
            case LoseCandidate() | HireCandidate():
                del stage[command.candidate_id]
    assert set(stage.values()) == {
        (branch.unit.id, name) for branch in made.staff.branches for name in STAGES
    }


@settings(max_examples=25, deadline=None)
@given(seeds, moments)
def test_today_is_live_whenever_it_is(seed: int, until: datetime) -> None:
    """Calls are due, a meeting is planned for another day, and somebody can be hired, at any hour of any day."""
    made = generate(seed, SMALL, until)
    agent, trainer = made.personas[0], made.personas[2]
    due = [day for client, day in made.due.items() if made.agent_of[client] == agent.person_id]
    assert sum(day <= local_day(until) for day in due) >= 5
    assert len(due) >= 8
    branch = trainer.unit_id
    ahead = [
        plan
        for plan in of(made, PlanMeeting)
        if plan.unit_id == branch and local_day(plan.starts_at) > local_day(until)
    ]
    assert ahead
    stages = {move.candidate_id: move.to_stage for move in of(made, AdvanceCandidate)}
    ready = [one for one in made.ready_to_hire if one.branch_id == branch]
    assert ready
    assert stages[ready[0].candidate_id] == "commitment"


def test_the_personas_are_one_line_from_the_agent_up() -> None:
    made = company(SMALL)
    assert [persona.role for persona in made.personas] == [
        "agent",
        "supervisor",
        "trainer",
        "branch_manager",
        "regional",
        "head_office",
    ]
    parents = {unit.id: unit.parent_id for unit in made.staff.units}
    agent, supervisor, trainer, manager, regional, head_office = (one.unit_id for one in made.personas)
    assert agent == supervisor
    assert parents[agent] == trainer == manager
    assert parents[manager] == regional
    assert parents[regional] == head_office
    assert made.personas[0].person_id not in hires(made)


def test_codes_are_those_of_the_contracts() -> None:
    made = company()
    known: list[tuple[set[str], type[StrEnum]]] = [
        ({one.kind for one in of(made, OpenUnit)}, organisation.UnitKind),
        ({one.role for one in of(made, GrantRole)}, organisation.Role),
        ({one.source for one in of(made, RegisterCandidate)}, recruiting.CandidateSource),
        ({one.source for one in of(made, RegisterClient)}, clients.ClientSource),
        ({one.grade for one in of(made, GradeClient)}, clients.Grade),
        ({one.intent for one in of(made, GradeClient)}, clients.Intent),
        ({one.rule for one in of(made, FollowUpDone)}, clients.FollowUpRule),
        (
            {mark.status for one in of(made, HoldMeeting) for mark in one.attendance},
            training.AttendanceStatus,
        ),
    ]
    for used, enum in known:
        assert used <= {member.value for member in enum}


def test_clients_look_for_homes_of_where_they_are_and_nobody_wakes_up_to_a_heap_of_matches() -> None:
    told = generate(DEFAULT_SEED, SMALL, NOW)
    homes = [each for each in told.commands if isinstance(each, OfferHome)]
    needs = [each for each in told.commands if isinstance(each, OpenNeed)]
    registered = {each.client_id: each.at for each in told.commands if isinstance(each, RegisterClient)}
    assert len(homes) > 50
    assert len(needs) > 50
    assert max(home.at for home in homes) < min(need.at for need in needs)
    assert all(registered[need.client_id] < need.at for need in needs)
    offered = {home.place[:2] for home in homes}
    assert {need.places[0][:2] for need in needs} <= offered
