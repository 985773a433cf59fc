"""Hiring (入职): what must be there before a candidate becomes an agent. Rules only."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.chassis.errors import N_

CHECKLIST = ("identity", "education", "photo", "licence")
"""身份证, 学历, 照片, 执业证: seen by who hires, before the contract is signed."""

LATEST_START = timedelta(days=92)


class HiringRuleBroken(ValueError):
    """Something is missing; the text is a gettext id and `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What is agreed at hiring."""

    team_id: str
    mentor_id: str | None
    start_date: date
    """A calendar day in the team's time zone."""
    seen: frozenset[str]
    """The items of the checklist that were seen."""
    licence_expires: date | None


def check(contract: Contract, today: date) -> None:
    """Return when the contract is complete; raise `HiringRuleBroken` for the first thing that is missing.

    `today` is the day in the team's time zone.
    """
    for item in CHECKLIST:
        if item not in contract.seen:
            raise HiringRuleBroken(item, N_("This has not been seen yet"))
    if contract.licence_expires is None:
        raise HiringRuleBroken("licence_expires", N_("Enter the day on which the licence expires"))
    if contract.licence_expires <= contract.start_date:
        raise HiringRuleBroken("licence_expires", N_("The licence must be valid on the first day"))
    if contract.start_date > today + LATEST_START:
        raise HiringRuleBroken("start_date", N_("The first day is at most three months ahead"))
