"""Which follow-ups a client should have: at most one open for each rule, derived from where the client stands. Pure.

Nothing here looks at the event that made us plan; the event only names the follow-up. So events may come again,
late or out of order, and the plan is the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.clients.cadence.hours import first_opening, on_every_day
from services.clients.cadence.model import RETRIES, Rhythm, feedback_call, next_step
from services.clients.files.model import Client, agent_of
from services.clients.follow_ups.model import Basis, Cancelled, FollowUp, Status, Terms, follow_up_id
from services.clients.follow_ups.occasions import DATED, LEAD, ONE_OFF, Occasion, next_day
from services.contracts.clients import FollowUpRule

Open = Mapping[FollowUpRule, FollowUp]


@dataclass(frozen=True)
class Wanted:
    """What should be open by one rule."""

    rule: FollowUpRule
    due_at: datetime
    basis: Basis


@dataclass(frozen=True)
class Plan:
    """What has to change so that the open follow-ups are the wanted ones."""

    opened: tuple[FollowUp, ...] = ()
    moved: tuple[FollowUp, ...] = ()
    """As they are after the move."""
    cancelled: tuple[tuple[FollowUp, Cancelled], ...] = ()
    wakes_at: datetime | None = None
    """When planning should look again although nothing happened until then."""

    @property
    def changes(self) -> bool:
        return bool(self.opened or self.moved or self.cancelled)


@dataclass(frozen=True)
class Situation:
    """Where one client stands, with all that planning looks at."""

    client: Client
    open_: Open
    occasions: Sequence[Occasion]
    """The open ones."""
    rhythm: Rhythm
    now: datetime

    @property
    def terms(self) -> Terms:
        policy = self.rhythm.policy
        return Terms(
            self.client.hours or policy.hours, policy.working_days_only, self.client.standing.quiet_until
        )

    @property
    def since(self) -> datetime:
        """From when on steps count: what was promised for a moment holds however late we look."""
        return min(self.now, self.client.standing.wakes_at or self.now)

    @property
    def earliest(self) -> datetime:
        """Before it nobody is to call: now, or the end of a cooling-off."""
        return max(self.now, self.client.standing.quiet_until or self.now)


def replan(at: Situation, cause_id: str) -> Plan:
    """The changes that bring the open follow-ups in line with where the client stands; nothing when they are."""
    if at.client.standing.lost:
        return Plan(cancelled=tuple((each, Cancelled.LOST) for each in at.open_.values()))
    if at.client.agent_id is None:
        return Plan(cancelled=tuple((each, Cancelled.RELEASED) for each in at.open_.values()))
    wishes, wakes = _wishes(at)
    opened: list[FollowUp] = []
    moved: list[FollowUp] = []
    dropped: list[tuple[FollowUp, Cancelled]] = []
    for rule in FollowUpRule:
        present, wish = at.open_.get(rule), wishes.get(rule)
        if wish is not None and present is None:
            opened.append(_opened(at.client, wish, cause_id, at.now))
        elif wish is not None and present is not None and present.basis != wish.basis:
            moved.append(_moved(present, at.client, wish))
        elif wish is None and present is not None:
            dropped.append((present, _why(present, at)))
    return Plan(tuple(opened), tuple(moved), tuple(dropped), min(wakes, default=None))


def ask_after_showing(at: Situation, shown_at: datetime, cause_id: str) -> Plan:
    """The feedback call that a showing asks for; the client's open one is moved to the later day.

    Nothing for a lost client or one in the pool, nor when somebody spoke with the client since.
    """
    standing = at.client.standing
    if standing.lost or at.client.agent_id is None or standing.touched_at > shown_at:
        return Plan()
    present = at.open_.get(FollowUpRule.SHOWING_FEEDBACK)
    if present is not None and present.basis.counted_from >= shown_at:
        return Plan()
    wish = _feedback(at, shown_at)
    if present is None:
        return Plan(opened=(_opened(at.client, wish, cause_id, at.now),))
    return Plan(moved=(_moved(present, at.client, wish),))


def greet(at: Situation, day: date, token: str, cause_id: str) -> Plan:
    """The call for a birthday of the client or the family on this day, unless it is planned or done already.

    Which day a birthday falls on is for who can read it to say; here it is only known by its token.
    """
    done_with = [each.after for each in at.occasions if each.rule is FollowUpRule.BIRTHDAY and each.after]
    if at.client.standing.lost or at.client.agent_id is None or FollowUpRule.BIRTHDAY in at.open_:
        return Plan()
    if any(day <= each for each in done_with) or not _may_greet(at, day):
        return Plan()
    return Plan(opened=(_opened(at.client, _greeting(at, day, token), cause_id, at.now),))


def after(open_: Open, plan: Plan) -> dict[FollowUpRule, FollowUp]:
    """The open follow-ups when the plan is carried out."""
    gone = {each.id for each, _ in plan.cancelled}
    kept = {rule: each for rule, each in open_.items() if each.id not in gone}
    return kept | {each.rule: each for each in (*plan.moved, *plan.opened)}


def _wishes(at: Situation) -> tuple[dict[FollowUpRule, Wanted], list[datetime]]:
    """What should be open, by rule, and the moments at which that may change by itself."""
    wishes: dict[FollowUpRule, Wanted] = {}
    wakes: list[datetime] = []
    birthday, lapses = _birthday(at)
    for wish in (_regular(at), *(_one_off(at, rule) for rule in ONE_OFF), _asked(at), birthday):
        if wish is not None:
            wishes[wish.rule] = wish
    if lapses is not None:
        wakes.append(lapses)
    for rule in DATED:
        dated, wake = _dated(at, rule)
        if dated is not None:
            wishes[rule] = dated
        if wake is not None:
            wakes.append(wake)
    if not wishes:
        reminder, wake = _unplanned(at)
        if reminder is not None:
            wishes[reminder.rule] = reminder
        wakes.append(wake)
    return wishes, wakes


def _regular(at: Situation) -> Wanted | None:
    """What cadence or agreement ask for: one of the two, or none."""
    standing, terms = at.client.standing, at.terms
    if standing.agreed is not None:
        due_at, quiet = standing.agreed.at, standing.quiet_until
        if quiet is not None and due_at < quiet:
            due_at = _opening(at, quiet, due_at)
        return Wanted(FollowUpRule.NEXT_STEP, due_at, Basis(standing.agreed.at, terms))
    if at.client.grading is None:
        return None
    grade = at.client.grading.grade
    every = 1 if 0 < standing.tries <= RETRIES else at.rhythm.policy.every(grade)
    counted_from = standing.tried_at or standing.touched_at
    due_at = next_step(counted_from, every, at.earliest, terms.hours, at.rhythm.days)
    return Wanted(FollowUpRule.CADENCE, due_at, Basis(counted_from, terms, grade, every))


def _one_off(at: Situation, rule: FollowUpRule) -> Wanted | None:
    """As soon as the client may be called, one call for all that asks for the same."""
    asking = [each for each in at.occasions if each.rule is rule]
    if rule is FollowUpRule.HANDOVER:
        asking = [each for each in asking if each.about == at.client.agent_id]
    if not asking:
        return None
    present = at.open_.get(rule)
    kept = [each for each in asking if present is not None and each.id == present.basis.occasion]
    first = kept[0] if kept else min(asking, key=lambda each: (each.at, each.id))
    basis = Basis(first.at, at.terms, occasion=first.id, rare=any(each.rare for each in asking))
    due_at = first_opening(at.earliest, at.terms.hours.opens, at.terms.hours, at.rhythm.days)
    return Wanted(rule, due_at, basis)


def _asked(at: Situation) -> Wanted | None:
    """A feedback call stays until it is made."""
    present = at.open_.get(FollowUpRule.SHOWING_FEEDBACK)
    return _feedback(at, present.basis.counted_from) if present is not None else None


def _dated(at: Situation, rule: FollowUpRule) -> tuple[Wanted | None, datetime | None]:
    """The one that is open or comes first among all that the client has of a kind, and when to look again."""
    found = sorted(_days(at, rule), key=lambda each: (not each[2], each[1], each[0].id))
    if not found:
        return None, None
    occasion, day, kept = found[0]
    calendar = at.rhythm.calendar
    if rule is not FollowUpRule.AFTER_SALE and not kept:
        opens_at = calendar.midnight(day - LEAD)
        if at.now < opens_at:
            return None, opens_at
    basis = Basis(calendar.midnight(day), at.terms, occasion=occasion.id, day=day)
    return Wanted(rule, _on_or_after(at, day), basis), None


def _days(at: Situation, rule: FollowUpRule) -> Iterator[tuple[Occasion, date, bool]]:
    """Of each occasion of this kind its open or next day, and whether that is the open one."""
    present = at.open_.get(rule)
    since = at.rhythm.calendar.local_day(at.since)
    for occasion in at.occasions:
        if occasion.rule is not rule:
            continue
        open_day = present.basis.day if present and present.basis.occasion == occasion.id else None
        if open_day is not None and next_day(occasion, open_day) == open_day:
            yield occasion, open_day, True
        elif (day := next_day(occasion, since)) is not None:
            yield occasion, day, False


def _birthday(at: Situation) -> tuple[Wanted | None, datetime | None]:
    """A birthday call stays until its day is over, or the birthday turns out to be another; and when it is over."""
    present = at.open_.get(FollowUpRule.BIRTHDAY)
    if present is None or present.basis.day is None or present.basis.occasion is None:
        return None, None
    day, token = present.basis.day, present.basis.occasion
    if token not in {each.token for each in at.client.birthdays} or not _may_greet(at, day):
        return None, None
    return _greeting(at, day, token), at.rhythm.calendar.midnight(day + timedelta(days=1))


def _may_greet(at: Situation, day: date) -> bool:
    """Whether the day is not over, and a cooling-off leaves time on it: a call a day late is none."""
    calendar, quiet = at.rhythm.calendar, at.client.standing.quiet_until
    if day < calendar.local_day(at.now):
        return False
    return quiet is None or calendar.local_day(_on(at, day, quiet)) == day


def _greeting(at: Situation, day: date, token: str) -> Wanted:
    """To congratulate on the day itself, working day or not."""
    midnight = at.rhythm.calendar.midnight(day)
    due_at = _on(at, day, at.client.standing.quiet_until or midnight)
    return Wanted(FollowUpRule.BIRTHDAY, due_at, Basis(midnight, at.terms, occasion=token, day=day))


def _on(at: Situation, day: date, earliest: datetime) -> datetime:
    hours = at.terms.hours
    all_week = replace(at.rhythm.calendar, works_on=on_every_day)
    return first_opening(max(all_week.midnight(day), earliest), hours.opens, hours, all_week)


def _on_or_after(at: Situation, day: date) -> datetime:
    midnight = at.rhythm.calendar.midnight(day)
    return first_opening(max(midnight, at.earliest), at.terms.hours.opens, at.terms.hours, at.rhythm.days)


def _unplanned(at: Situation) -> tuple[Wanted | None, datetime]:
    """The reminder of a client for whom nothing is planned, once its step has come; and when the next one comes."""
    standing, calendar = at.client.standing, at.rhythm.calendar
    counted_from = standing.tried_at or standing.touched_at
    start = calendar.local_day(counted_from)
    present = at.open_.get(FollowUpRule.UNPLANNED)
    reached: tuple[int, datetime] | None = None
    for days in at.rhythm.policy.reminders():
        midnight = calendar.midnight(start + timedelta(days=days))
        moment = _opening(at, max(midnight, standing.quiet_until or midnight), counted_from)
        if moment > at.now:
            break
        kept = present is not None and present.basis.every == days
        if kept or moment >= at.since or (present is not None and present.basis.counted_from == counted_from):
            reached = (days, moment)
    if reached is None:
        return None, moment
    basis = Basis(counted_from, at.terms, every=reached[0])
    return Wanted(FollowUpRule.UNPLANNED, reached[1], basis), moment


def _feedback(at: Situation, shown_at: datetime) -> Wanted:
    due_at = feedback_call(shown_at, at.earliest, at.terms.hours, at.rhythm.days)
    return Wanted(FollowUpRule.SHOWING_FEEDBACK, due_at, Basis(shown_at, at.terms))


def _opening(at: Situation, earliest: datetime, like: datetime) -> datetime:
    """The first moment from then on that suits the client, at the time of day of another moment where it can be."""
    days = at.rhythm.days
    return first_opening(earliest, days.minute_of_day(like), at.terms.hours, days)


def _why(present: FollowUp, at: Situation) -> Cancelled:
    if present.rule is FollowUpRule.BIRTHDAY:
        day = present.basis.day
        over = day is not None and day < at.rhythm.calendar.local_day(at.now)
        return Cancelled.LAPSED if over else Cancelled.GONE
    return Cancelled.GONE if present.rule in (*DATED, *ONE_OFF) else Cancelled.REPLACED


def _opened(client: Client, wish: Wanted, cause_id: str, now: datetime) -> FollowUp:
    return FollowUp(
        id=follow_up_id(wish.rule, cause_id),
        client_id=client.id,
        agent_id=agent_of(client),
        org_path=client.org_path,
        rule=wish.rule,
        cause_id=cause_id,
        status=Status.OPEN,
        due_at=wish.due_at,
        basis=wish.basis,
        planned_at=now,
        intent=client.intent,
    )


def _moved(present: FollowUp, client: Client, wish: Wanted) -> FollowUp:
    again = present.rule is FollowUpRule.UNPLANNED and present.basis.counted_from == wish.basis.counted_from
    return replace(
        present,
        due_at=wish.due_at,
        basis=wish.basis,
        intent=client.intent,
        escalated=present.escalated if again else None,
        snoozes=0,
    )
