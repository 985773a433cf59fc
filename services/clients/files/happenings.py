"""The timeline in words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.errors import N_
from services.chassis.mongo import Document
from services.chassis.web.page import PageWriter
from services.clients import words
from services.clients.showings.words import CANCELLINGS

Facts = Mapping[str, Any]
Names = Mapping[str, str]
Told = tuple[str, str, str]
"""Icon, title, note."""

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
        icon, title, note = told(page, entry["facts"], names)
        who = names.get(entry["by"], "")
        lines.append(Happening(icon, title, entry["at"], " · ".join(part for part in (note, who) if part)))
    return lines


def people_in(entries: Iterable[Document]) -> set[str]:
    """The ids of everybody whose name the entries are told with."""
    facts = ("agent_id", "previous_agent_id")
    found = {entry["by"] for entry in entries} | {
        entry["facts"].get(key) for entry in entries for key in facts
    }
    return {person_id for person_id in found if person_id}


def _registered(page: PageWriter, facts: Facts, _: Names) -> Told:
    source = words.SOURCES.get(facts["source"], "")
    return "user-plus", page.say("Registered"), page.say(source)


def _graded(page: PageWriter, facts: Facts, _: Names) -> Told:
    grade, intent = facts["grade"], words.INTENTS[facts["intent"]]
    title = page.say("Graded %(grade)s, %(intent)s", grade=grade, intent=page.say(intent))
    reason = words.REASONS.get(facts["reason"], facts["reason"])
    note = page.say(reason)
    return "star", title, note if facts["graded_by"] == "hand" else f"{note} · {page.say('by rule')}"


def _scheduled(page: PageWriter, facts: Facts, _: Names) -> Told:
    when, rule = (
        page.formats.moment(datetime.fromisoformat(facts["due_at"])),
        words.RULES.get(facts["rule"], facts["rule"]),
    )
    return (
        "calendar-time",
        page.say("Follow-up planned for %(when)s", when=when),
        page.say(rule),
    )


def _done(page: PageWriter, facts: Facts, _: Names) -> Told:
    outcome = facts["outcome"]
    spent = page.formats.duration(facts["minutes"])
    rule = words.RULES.get(facts["rule"], facts["rule"])
    icon = words.OUTCOME_ICONS.get(outcome, "phone-check")
    return icon, page.say(words.OUTCOMES.get(outcome, outcome)), f"{page.say(rule)} · {spent}"


def _missed(page: PageWriter, facts: Facts, _: Names) -> Told:
    level = words.LEVELS[facts["escalated_to"]]
    return "alert-triangle", page.say("Follow-up overdue"), page.say(level)


def _booked(page: PageWriter, facts: Facts, _: Names) -> Told:
    when, count = page.formats.moment(datetime.fromisoformat(facts["starts_at"])), facts["homes"]
    homes = _HOMES[count == 1]
    return "home-plus", page.say("Showing booked for %(when)s", when=when), page.say(homes, count=count)


def _moved(page: PageWriter, facts: Facts, _: Names) -> Told:
    when, count = page.formats.moment(datetime.fromisoformat(facts["starts_at"])), facts["homes"]
    homes = _HOMES[count == 1]
    return "calendar-time", page.say("Showing moved to %(when)s", when=when), page.say(homes, count=count)


def _not_shown(page: PageWriter, facts: Facts, _: Names) -> Told:
    return "calendar-x", page.say("Showing cancelled"), page.say(CANCELLINGS.get(facts["reason"], ""))


def _shown(page: PageWriter, facts: Facts, _: Names) -> Told:
    count, number = facts["homes"], facts["interest"]
    shown, liked = _SHOWN[count == 1], words.INTERESTS[number - 1]
    note = page.say("Interest %(number)s of 5: %(words)s", number=number, words=page.say(liked))
    return "home-check", page.say(shown, count=count), note


def _deal(page: PageWriter, facts: Facts, _: Names) -> Told:
    amount = page.formats.money(facts["amount"], facts["currency"])
    return (
        "certificate",
        page.say("Deal signed"),
        f"{page.say(words.DEAL_KINDS.get(facts['kind'], facts['kind']))} · {amount}",
    )


def _deal_undone(page: PageWriter, facts: Facts, _: Names) -> Told:
    return (
        "ban",
        page.say("The deal is void"),
        page.say(words.DEAL_UNDOINGS.get(facts["reason"], facts["reason"])),
    )


def _update_got(page: PageWriter, facts: Facts, _: Names) -> Told:
    return (
        "speakerphone",
        page.say("Got an update"),
        page.say(words.UPDATE_KINDS.get(facts["kind"], facts["kind"])),
    )


def _reassigned(page: PageWriter, facts: Facts, names: Names) -> Told:
    to, reason = facts["agent_id"], page.say(words.REASSIGNED.get(facts["reason"], facts["reason"]))
    if to is None:
        return "pool", page.say("Into the public pool"), reason
    return "user-share", page.say("Now a client of %(name)s", name=names.get(to, to)), reason


def _merged(page: PageWriter, _: Facts, __: Names) -> Told:
    return "git-merge", page.say("Another file of the same client was merged into this one"), ""


def _merge_undone(page: PageWriter, _: Facts, __: Names) -> Told:
    return "git-branch", page.say("Two clients again: the merge was undone"), ""


def _erased(page: PageWriter, _: Facts, __: Names) -> Told:
    return "eraser", page.say("Everything personal was erased on request"), ""


def _referred(page: PageWriter, _: Facts, __: Names) -> Told:
    return "users-plus", page.say("Came on another client's recommendation"), ""


def _matched(page: PageWriter, facts: Facts, _: Names) -> Told:
    note = page.say("a rare match") if facts["rare"] else ""
    return (
        "home-search",
        page.say("A listing suits by %(share)s", share=page.formats.percent(facts["score"] / 100)),
        note,
    )


def _contact_changed(page: PageWriter, facts: Facts, _: Names) -> Told:
    fields = [page.say(words.FIELDS.get(name, name)) for name in facts["fields"]]
    return "edit", page.say("Contact data changed"), page.say(", ").join(fields)


def _family_changed(page: PageWriter, facts: Facts, _: Names) -> Told:
    return (
        "users",
        page.say("Family changed"),
        page.say(words.RELATIONS.get(facts["relation"], facts["relation"])),
    )


def _consent_given(page: PageWriter, facts: Facts, _: Names) -> Told:
    channel = page.say(words.CHANNELS.get(facts["channel"], facts["channel"]))
    how = page.say(words.CONSENTS.get(facts["given"], facts["given"]))
    return "circle-check", page.say("Agreed to: %(channel)s", channel=channel), how


def _consent_withdrawn(page: PageWriter, facts: Facts, _: Names) -> Told:
    channel = page.say(words.CHANNELS.get(facts["channel"], facts["channel"]))
    return "circle-x", page.say("No longer agrees to: %(channel)s", channel=channel), ""


def _cooling_off(page: PageWriter, facts: Facts, _: Names) -> Told:
    if facts["until"] is None:
        return "phone", page.say("The cooling-off was ended"), ""
    when = page.formats.day(datetime.fromisoformat(facts["until"]))
    return "hand-stop", page.say("Complaint: nobody calls before %(when)s", when=when), ""


_TOLD: Mapping[str, Callable[[PageWriter, Facts, Names], Told]] = {
    "client-registered": _registered,
    "client-graded": _graded,
    "follow-up-scheduled": _scheduled,
    "follow-up-done": _done,
    "follow-up-missed": _missed,
    "showing-booked": _booked,
    "showing-moved": _moved,
    "showing-cancelled": _not_shown,
    "showing-done": _shown,
    "client-reassigned": _reassigned,
    "client-merged": _merged,
    "client-merge-undone": _merge_undone,
    "client-erased": _erased,
    "cooling-off-set": _cooling_off,
    "referral-made": _referred,
    "listing-matched": _matched,
    "contact-changed": _contact_changed,
    "family-changed": _family_changed,
    "consent-given": _consent_given,
    "consent-withdrawn": _consent_withdrawn,
    "deal-closed": _deal,
    "deal-undone": _deal_undone,
    "update-got": _update_got,
}
