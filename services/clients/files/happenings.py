"""The timeline in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.errors import N_
from services.chassis.mongo import Document
from services.chassis.web.page import PageWriter
from services.clients import words

Facts = Mapping[str, Any]

_HOMES = (N_("%(count)s homes"), N_("one home"))
_SHOWN = (N_("Showing of %(count)s homes"), N_("Showing of one home"))


@dataclass(frozen=True)
class Happening:
    """One line of the timeline."""

    icon: str
    title: str
    at: datetime
    note: str


def happenings(page: PageWriter, entries: Iterable[Document], names: Mapping[str, str]) -> list[Happening]:
    """The entries in the reader's language; `names` are people by id. What says nothing to people is left out."""
    lines = []
    for entry in entries:
        told = _TOLD.get(entry["name"])
        if told is None:
            continue
        icon, title, note = told(page, entry["facts"])
        who = names.get(entry["by"], "")
        lines.append(Happening(icon, title, entry["at"], " · ".join(part for part in (note, who) if part)))
    return lines


def _registered(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    source = words.SOURCES.get(facts["source"], "")
    return "user-plus", page.say("Registered"), page.say(source)


def _graded(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    grade, intent = facts["grade"], words.INTENTS[facts["intent"]]
    title = page.say("Graded %(grade)s, %(intent)s", grade=grade, intent=page.say(intent))
    reason = words.REASONS.get(facts["reason"], facts["reason"])
    note = page.say(reason)
    return "star", title, note if facts["graded_by"] == "hand" else f"{note} · {page.say('by rule')}"


def _scheduled(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    when, rule = page.formats.moment(datetime.fromisoformat(facts["due_at"])), words.RULES[facts["rule"]]
    return (
        "calendar-time",
        page.say("Follow-up planned for %(when)s", when=when),
        page.say(rule),
    )


def _done(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    outcome = facts["outcome"]
    spent = page.formats.duration(facts["minutes"])
    rule = words.RULES[facts["rule"]]
    icon = words.OUTCOME_ICONS.get(outcome, "phone-check")
    return icon, page.say(words.OUTCOMES.get(outcome, outcome)), f"{page.say(rule)} · {spent}"


def _missed(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    level = words.LEVELS[facts["escalated_to"]]
    return "alert-triangle", page.say("Follow-up overdue"), page.say(level)


def _booked(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    when, count = page.formats.moment(datetime.fromisoformat(facts["starts_at"])), facts["homes"]
    homes = _HOMES[count == 1]
    return "home-plus", page.say("Showing booked for %(when)s", when=when), page.say(homes, count=count)


def _shown(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    count, number = facts["homes"], facts["interest"]
    shown, liked = _SHOWN[count == 1], words.INTERESTS[number - 1]
    note = page.say("Interest %(number)s of 5: %(words)s", number=number, words=page.say(liked))
    return "home-check", page.say(shown, count=count), note


def _deal(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    amount = page.formats.money(facts["amount"], facts["currency"])
    return "certificate", page.say("Deal signed"), f"{page.say(words.DEAL_KINDS[facts['kind']])} · {amount}"


def _deal_undone(page: PageWriter, facts: Facts) -> tuple[str, str, str]:
    return "ban", page.say("The deal is void"), page.say(words.DEAL_UNDOINGS[facts["reason"]])


_TOLD: Mapping[str, Callable[[PageWriter, Facts], tuple[str, str, str]]] = {
    "client-registered": _registered,
    "client-graded": _graded,
    "follow-up-scheduled": _scheduled,
    "follow-up-done": _done,
    "follow-up-missed": _missed,
    "showing-booked": _booked,
    "showing-done": _shown,
    "deal-closed": _deal,
    "deal-undone": _deal_undone,
}
