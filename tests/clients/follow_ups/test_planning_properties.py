"""Whatever happens to a client, in whatever order: one plan for each cause, the same when planned again."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.chassis.identity import new_id
from services.clients.cadence.hours import ContactHours
from services.clients.cadence.model import CadencePolicy, Rhythm
from services.clients.files.model import Client
from services.clients.files.people import KeptBirthday
from services.clients.follow_ups.model import FollowUp, Outcome, contacted
from services.clients.follow_ups.occasions import DATED, ONE_OFF, Occasion, occasion_id
from services.clients.follow_ups.rules import Situation, after, ask_after_showing, greet, replan
from services.clients.grading.model import Grading
from services.contracts.clients import FollowUpRule, Grade, GradedBy, Intent
from tests.clients.samples import NOW, SHANGHAI, a_client

SHOWING_FEEDBACK = FollowUpRule.SHOWING_FEEDBACK
RHYTHMS = (
    Rhythm(CadencePolicy(), SHANGHAI),
    Rhythm(CadencePolicy(days_a=3, working_days_only=False), SHANGHAI),
)
KINDS = ("grade_a", "grade_b", "grade_c", "showing", "hours", "match", "rare", "deal", "policy", "undone")
MORE = ("thanks", "handover", "birthday", "complaint", "lifted", "settings", "pool", "taken", "wait")

STEPS = st.lists(
    st.tuples(
        st.sampled_from([*KINDS, *MORE, *Outcome]),
        st.booleans(),
        st.timedeltas(timedelta(minutes=1), timedelta(days=45)),
    ),
    max_size=14,
)


class Life:
    """A client to whom things happen, as the commands and the desk would write them down."""

    def __init__(self) -> None:
        self.client: Client = a_client()
        self.open_: dict[FollowUpRule, FollowUp] = {}
        self.occasions: dict[str, Occasion] = {}
        self.now: datetime = NOW
        self.rhythm = RHYTHMS[0]

    def at(self, now: datetime | None = None) -> Situation:
        asking = [each for each in self.occasions.values() if each.open]
        return Situation(self.client, self.open_, asking, self.rhythm, now or self.now)

    def learn(self, rule: FollowUpRule, cause: str, day: date | None = None, rare: bool = False) -> None:
        about = self.client.agent_id or "" if rule is FollowUpRule.HANDOVER else cause
        id_ = occasion_id(rule, cause)
        self.occasions[id_] = Occasion(
            id_, self.client.id, rule, cause, self.now, day=day, about=about, rare=rare
        )

    def settle(self, done: FollowUp) -> None:
        for id_, each in list(self.occasions.items()):
            if each.rule is done.rule and done.rule in ONE_OFF:
                self.occasions[id_] = replace(each, open=False)
            elif id_ == done.basis.occasion and done.rule in DATED:
                self.occasions[id_] = replace(each, after=done.basis.day)
        if done.rule is FollowUpRule.BIRTHDAY:
            id_ = occasion_id(done.rule, self.client.id)
            self.occasions[id_] = Occasion(
                id_, self.client.id, done.rule, done.cause_id, self.now, after=done.basis.day
            )

    def stand(self, **changes: object) -> None:
        self.client = replace(self.client, standing=replace(self.client.standing, **changes))  # type: ignore[arg-type]

    def happens(self, what: str, flag: bool, cause: str) -> None:
        today = SHANGHAI.local_day(self.now)
        if what.startswith("grade_"):
            grading = Grading(Grade(what[-1].upper()), Intent.REAL, GradedBy.HAND, "comparing", self.now)
            self.client = replace(self.client, grading=grading)
            self.stand(lost=False)
        elif what == "hours":
            hours = None if self.client.hours else ContactHours(8 * 60, 12 * 60)
            self.client = replace(self.client, hours=hours)
        elif what == "showing":
            self.client = replace(self.client, standing=self.client.standing.touched(self.now))
            self.open_ = after(self.open_, ask_after_showing(self.at(), self.now, cause))
        elif what in ("match", "rare"):
            self.learn(FollowUpRule.LISTING_MATCHED, cause, rare=what == "rare")
        elif what in ("deal", "policy"):
            yearly = FollowUpRule.ANNIVERSARY if what == "deal" else FollowUpRule.YEARLY_REVIEW
            starts = today + timedelta(days=20 if flag else -20)
            self.learn(FollowUpRule.AFTER_SALE, cause, starts)
            self.learn(yearly, cause, starts)
        elif what == "undone":
            for id_, each in self.occasions.items():
                if each.rule in DATED:
                    self.occasions[id_] = replace(each, open=False)
        elif what == "thanks":
            self.learn(FollowUpRule.THANKS, cause)
        elif what in ("handover", "taken"):
            self.client = replace(self.client, agent_id="zhao" if flag else "lin")
            self.learn(FollowUpRule.HANDOVER, cause)
        elif what == "pool":
            self.client = replace(self.client, agent_id=None)
        elif what == "birthday":
            self.client = replace(self.client, birthdays=(KeptBirthday("", "token"),))
            coming = today + timedelta(days=3 if flag else 0)
            self.open_ = after(self.open_, greet(self.at(), coming, "token", cause))
        elif what in ("complaint", "lifted"):
            self.stand(quiet_until=self.now + timedelta(days=14) if what == "complaint" else None)
        elif what == "settings":
            self.rhythm = RHYTHMS[flag]
        elif what in set(Outcome):
            agreed = self.now + timedelta(days=3) if flag else None
            standing = contacted(self.client.standing, Outcome(what), self.now, agreed, cause)
            self.client = replace(self.client, standing=standing)
            if self.open_:
                self.settle(self.open_.pop(min(self.open_.values(), key=lambda each: each.due_at).rule))


@settings(max_examples=150)
@given(steps=STEPS)
def test_there_is_one_plan_for_each_cause_it_suits_the_client_and_planning_again_changes_nothing(
    steps: list[tuple[str, bool, timedelta]],
) -> None:
    life = Life()
    for what, flag, wait in steps:
        life.now += wait
        cause = new_id(life.now)
        life.happens(what, flag, cause)
        plan = replan(life.at(), cause)
        life.open_ = after(life.open_, plan)
        life.stand(wakes_at=plan.wakes_at)

        again = replan(life.at(), cause)
        assert not again.changes
        assert again.wakes_at == plan.wakes_at
        soon = min([plan.wakes_at - timedelta(seconds=1)] if plan.wakes_at else [], default=life.now)
        assert not replan(life.at(max(soon, life.now)), cause).changes, "nothing until it wakes"

        assert plan.wakes_at is None or plan.wakes_at > life.now
        assert len({each.id for each in life.open_.values()}) == len(life.open_)
        assert not {FollowUpRule.CADENCE, FollowUpRule.NEXT_STEP} <= set(life.open_), "one plan at a time"
        assert FollowUpRule.UNPLANNED not in life.open_ or len(life.open_) == 1
        standing = life.client.standing
        if standing.lost or life.client.agent_id is None:
            assert not life.open_
        for each in (*plan.opened, *plan.moved):
            _suits(each, life)
        quiet = standing.quiet_until
        if quiet is not None and quiet > life.now:
            assert all(each.due_at >= quiet for each in life.open_.values()), "nobody calls before it is over"


def _suits(follow_up: FollowUp, life: Life) -> None:
    agreed = follow_up.rule is FollowUpRule.NEXT_STEP
    hours = life.client.hours or life.rhythm.policy.hours
    day = SHANGHAI.local_day(follow_up.due_at)
    if not agreed:
        assert hours.opens <= SHANGHAI.minute_of_day(follow_up.due_at) <= hours.last_call
    if follow_up.rule is FollowUpRule.BIRTHDAY:
        assert day == follow_up.basis.day, "neither a day early nor late"
    elif not agreed and life.rhythm.policy.working_days_only:
        assert SHANGHAI.works_on(day)
    if follow_up.rule not in (FollowUpRule.UNPLANNED, FollowUpRule.BIRTHDAY) and not agreed:
        assert follow_up.due_at >= life.now
