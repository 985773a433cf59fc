"""One believable payload or more of every event: kept with the released schemas, shown in the AsyncAPI documents."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from services.contracts import clients, notifications, recruiting, training
from services.contracts.event import Event
from services.contracts.organisation import Role, UnitKind

E = TypeVar("E", bound=Event)

MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
"""08:30 of a Monday in Shanghai."""
NOON = datetime(2026, 3, 2, 4, 12, 7, 250_000, tzinfo=UTC)

COMPANY = "019cacbb-8f00-7a11-8c51-3f6f1d2a0001"
REGION = "019cacbb-8f00-7a11-8c51-3f6f1d2a0002"
BRANCH = "019cacbb-8f00-7a11-8c51-3f6f1d2a0003"
TEAM = "019cacbb-8f00-7a11-8c51-3f6f1d2a0004"
TEAM_PATH = (COMPANY, REGION, BRANCH, TEAM)
BRANCH_PATH = (COMPANY, REGION, BRANCH)

AGENT = "019cacbb-8f00-7b22-9d62-4a7a2e3b0001"
MENTOR = "019cacbb-8f00-7b22-9d62-4a7a2e3b0002"
TRAINER = "019cacbb-8f00-7b22-9d62-4a7a2e3b0003"
CANDIDATE = "019cacbb-8f00-7c33-ae73-5b8b3f4c0001"
SERIES = "019cacbb-8f00-7d44-bf84-6c9c405d0001"
MEETING = "019cacbb-8f00-7d44-bf84-6c9c405d0002"
CLIENT = "019cacbb-8f00-7e55-8095-7dad516e0001"
FOLLOW_UP = "019cacbb-8f00-7e55-8095-7dad516e0002"
SHOWING = "019cacbb-8f00-7e55-8095-7dad516e0003"
OTHER_CLIENT = "019cacbb-8f00-7e55-8095-7dad516e0004"
LISTING = "019cacbb-8f00-7e55-8095-7dad516e0005"
MATCH = "019cacbb-8f00-7e55-8095-7dad516e0006"
DEAL = "019cacbb-8f00-7e55-8095-7dad516e0007"
UPDATE = "019cacbb-8f00-7e55-8095-7dad516e0008"
CLOSED = "019cacbb-8f00-7e55-8095-7dad516e0009"
BOARD = "019cacbb-8f00-7f66-91a6-8ebe627f0001"

SAMPLES: tuple[Event, ...] = (
    recruiting.UnitOpened(
        occurred_at=MORNING,
        unit_id=TEAM,
        kind=UnitKind.TEAM,
        name="浦东一部三组",
        parent_id=BRANCH,
        org_path=TEAM_PATH,
        time_zone="Asia/Shanghai",
        period_start_day=26,
    ),
    recruiting.UnitOpened(
        occurred_at=MORNING,
        unit_id=COMPANY,
        kind=UnitKind.COMPANY,
        name="安居经纪",
        parent_id=None,
        org_path=(COMPANY,),
        time_zone="Asia/Shanghai",
    ),
    recruiting.UnitRenamed(occurred_at=NOON, unit_id=TEAM, name="浦东一部先锋组"),
    recruiting.UnitMoved(occurred_at=NOON, unit_id=TEAM, parent_id=BRANCH, org_path=TEAM_PATH),
    recruiting.UnitClosed(occurred_at=NOON, unit_id=TEAM),
    recruiting.PersonRegistered(
        occurred_at=MORNING, person_id=TRAINER, name="周敏", unit_id=BRANCH, org_path=BRANCH_PATH
    ),
    recruiting.RoleGranted(
        occurred_at=MORNING, person_id=TRAINER, role=Role.TRAINER, unit_id=BRANCH, org_path=BRANCH_PATH
    ),
    recruiting.RoleRevoked(occurred_at=NOON, person_id=TRAINER, role=Role.TRAINER, unit_id=BRANCH),
    recruiting.AgentHired(
        occurred_at=NOON,
        person_id=AGENT,
        candidate_id=CANDIDATE,
        name="林晓",
        unit_id=TEAM,
        org_path=TEAM_PATH,
        start_date=date(2026, 3, 9),
        mentor_id=MENTOR,
        referrer_id=MENTOR,
        recruiter_id=TRAINER,
    ),
    recruiting.AgentHired(
        occurred_at=NOON,
        person_id=AGENT,
        candidate_id=None,
        name="林晓",
        unit_id=TEAM,
        org_path=TEAM_PATH,
        start_date=date(2026, 3, 9),
    ),
    recruiting.AgentMoved(
        occurred_at=NOON, person_id=AGENT, unit_id=BRANCH, org_path=BRANCH_PATH, previous_org_path=TEAM_PATH
    ),
    recruiting.AgentLeft(
        occurred_at=NOON,
        person_id=AGENT,
        unit_id=TEAM,
        org_path=TEAM_PATH,
        last_day=date(2026, 3, 31),
        successor_id=MENTOR,
    ),
    recruiting.CandidateRegistered(
        occurred_at=MORNING,
        candidate_id=CANDIDATE,
        source=recruiting.CandidateSource.REFERRAL,
        recruiter_id=TRAINER,
        referrer_id=MENTOR,
        org_path=BRANCH_PATH,
    ),
    recruiting.CandidateAdvanced(
        occurred_at=NOON,
        candidate_id=CANDIDATE,
        recruiter_id=TRAINER,
        from_stage="first_interview",
        to_stage="deep_interview",
        org_path=BRANCH_PATH,
    ),
    recruiting.CandidateLost(
        occurred_at=NOON,
        candidate_id=CANDIDATE,
        recruiter_id=TRAINER,
        from_stage="deep_interview",
        reason="other_offer",
        org_path=BRANCH_PATH,
    ),
    training.MeetingPlanned(
        occurred_at=NOON,
        meeting_id=MEETING,
        series_id=SERIES,
        unit_id=BRANCH,
        org_path=BRANCH_PATH,
        starts_at=MORNING + timedelta(days=1),
        minutes=30,
        title="早会：三月开门红",
        host_id=TRAINER,
    ),
    training.MeetingHeld(
        occurred_at=MORNING + timedelta(minutes=31),
        meeting_id=MEETING,
        series_id=SERIES,
        unit_id=BRANCH,
        org_path=BRANCH_PATH,
        title="早会：三月开门红",
        host_id=TRAINER,
        started_at=MORNING,
        ended_at=MORNING + timedelta(minutes=31),
        attendance=(
            training.Attendance(person_id=AGENT, status=training.AttendanceStatus.PRESENT),
            training.Attendance(person_id=MENTOR, status=training.AttendanceStatus.LATE),
        ),
        presenter_ids=(MENTOR,),
        topic_kinds=(training.TopicKind.PRODUCT,),
    ),
    training.MeetingCancelled(occurred_at=NOON, meeting_id=MEETING, unit_id=BRANCH, org_path=BRANCH_PATH),
    clients.ClientRegistered(
        occurred_at=MORNING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        source=clients.ClientSource.WALK_IN,
    ),
    clients.ClientGraded(
        occurred_at=NOON,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        grade=clients.Grade.A,
        previous_grade=clients.Grade.B,
        intent=clients.Intent.REAL,
        graded_by=clients.GradedBy.HAND,
        reason="budget_confirmed",
    ),
    clients.ClientGraded(
        occurred_at=MORNING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        grade=clients.Grade.B,
        previous_grade=None,
        intent=clients.Intent.POTENTIAL,
        graded_by=clients.GradedBy.RULE,
        reason="first_contact",
    ),
    clients.FollowUpScheduled(
        occurred_at=NOON,
        follow_up_id=FOLLOW_UP,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        rule=clients.FollowUpRule.CADENCE,
        due_at=NOON + timedelta(days=2),
    ),
    clients.FollowUpDone(
        occurred_at=NOON + timedelta(days=2),
        follow_up_id=FOLLOW_UP,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        rule=clients.FollowUpRule.CADENCE,
        outcome="reached",
        minutes=12,
        intent=clients.Intent.REAL,
        due_at=NOON + timedelta(days=2),
    ),
    clients.FollowUpMissed(
        occurred_at=NOON + timedelta(days=5),
        follow_up_id=FOLLOW_UP,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        due_at=NOON + timedelta(days=2),
        escalated_to="agent",
    ),
    clients.FollowUpCancelled(
        occurred_at=NOON,
        follow_up_id=FOLLOW_UP,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        reason="regraded",
    ),
    clients.ShowingBooked(
        occurred_at=MORNING,
        showing_id=SHOWING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        starts_at=NOON + timedelta(hours=3),
        homes=3,
    ),
    clients.ShowingMoved(
        occurred_at=MORNING + timedelta(minutes=5),
        showing_id=SHOWING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        starts_at=NOON + timedelta(hours=4),
        homes=3,
    ),
    clients.ShowingCancelled(
        occurred_at=NOON,
        showing_id=SHOWING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        reason="client",
    ),
    clients.ShowingDone(
        occurred_at=NOON + timedelta(hours=5),
        showing_id=SHOWING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        homes=3,
        interest=4,
    ),
    clients.ClientReassigned(
        occurred_at=NOON,
        client_id=CLIENT,
        agent_id=MENTOR,
        previous_agent_id=AGENT,
        org_path=TEAM_PATH,
        reason=clients.Reassignment.HANDOVER,
    ),
    clients.ClientReassigned(
        occurred_at=NOON,
        client_id=CLIENT,
        agent_id=None,
        previous_agent_id=AGENT,
        org_path=BRANCH_PATH,
        reason=clients.Reassignment.RELEASED,
    ),
    clients.ClientMerged(
        occurred_at=NOON,
        client_id=CLIENT,
        merged_client_id=OTHER_CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
    ),
    clients.ClientMergeUndone(
        occurred_at=NOON,
        client_id=CLIENT,
        merged_client_id=OTHER_CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
    ),
    clients.ClientErased(occurred_at=NOON, client_id=CLIENT, org_path=TEAM_PATH),
    clients.CoolingOffSet(occurred_at=NOON, client_id=CLIENT, agent_id=AGENT, org_path=TEAM_PATH, until=NOON),
    clients.ReferralMade(
        occurred_at=NOON,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        referrer_client_id=OTHER_CLIENT,
    ),
    clients.ListingAdded(
        occurred_at=MORNING,
        listing_id=LISTING,
        agent_id=MENTOR,
        org_path=TEAM_PATH,
        kind=clients.ListingKind.SALE,
    ),
    clients.ListingClosed(
        occurred_at=NOON,
        listing_id=LISTING,
        agent_id=MENTOR,
        org_path=TEAM_PATH,
        reason=clients.ListingClosing.SOLD,
    ),
    clients.ListingMatched(
        occurred_at=NOON,
        match_id=MATCH,
        listing_id=LISTING,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        grade=clients.Grade.C,
        score=87,
        rare=True,
    ),
    clients.DealProposed(
        occurred_at=NOON,
        deal_id=DEAL,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        commission=10_760_001,
        currency="CNY",
    ),
    clients.DealClosed(
        occurred_at=NOON,
        deal_id=DEAL,
        client_id=CLIENT,
        listing_id=LISTING,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        kind=clients.DealKind.SALE,
        amount=538_000_000,
        commission=10_760_001,
        currency="CNY",
        shares=(
            clients.DealShare(
                agent_id=AGENT, org_path=TEAM_PATH, part=clients.DealPart.CLOSER, commission=6_456_001
            ),
            clients.DealShare(
                agent_id=MENTOR, org_path=TEAM_PATH, part=clients.DealPart.KEEPER, commission=4_304_000
            ),
        ),
        signed_on=date(2026, 3, 2),
        starts_on=date(2026, 4, 15),
    ),
    clients.DealUndone(
        occurred_at=NOON + timedelta(days=3),
        deal_id=DEAL,
        client_id=CLIENT,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        closed_event_id=CLOSED,
        reason="financing",
    ),
    clients.UpdateSent(
        occurred_at=NOON,
        update_id=UPDATE,
        agent_id=AGENT,
        org_path=TEAM_PATH,
        kind=clients.UpdateKind.MARKET,
        clients=24,
    ),
    notifications.BoardStale(
        occurred_at=NOON, board_id=BOARD, unit_id=BRANCH, org_path=BRANCH_PATH, slot="ranking"
    ),
)


def samples_of(event: type[E]) -> tuple[E, ...]:
    """The samples of one type, the fullest first."""
    return tuple(sample for sample in SAMPLES if type(sample) is event)
