"""The site that the four services make up together: where its pages stand, and who finds which in the menu.

A path named here may be linked to by any service and only changes together with this file.
"""

from collections.abc import Collection
from dataclasses import dataclass

from services.contracts.organisation import Role


@dataclass(frozen=True)
class Place:
    """A page that stands in the menu."""

    key: str
    path: str
    roles: frozenset[Role]
    """Who finds it in their menu; who may open it is decided by the page itself."""


@dataclass(frozen=True)
class Action:
    """Something new to begin with, offered by the "Add" button."""

    key: str
    path: str
    roles: frozenset[Role]


_SELLING = frozenset({Role.AGENT, Role.SUPERVISOR})
_LEADING = frozenset({Role.SUPERVISOR, Role.TRAINER, Role.BRANCH_MANAGER})
_ABOVE = frozenset({Role.REGIONAL, Role.HEAD_OFFICE})
_EVERYBODY = frozenset(Role)

TODAY = Place("today", "/clients/today", _SELLING)
CLIENTS = Place("clients", "/clients/clients", _SELLING | _LEADING)
SHOWINGS = Place("showings", "/clients/showings", _SELLING)
MEETINGS = Place("meetings", "/training/meetings", _SELLING | _LEADING)
PIPELINE = Place("pipeline", "/recruiting/pipeline", frozenset({Role.TRAINER, Role.BRANCH_MANAGER}) | _ABOVE)
LEADERBOARDS = Place("leaderboards", "/notifications/leaderboards", _EVERYBODY)
BOARDS = Place("boards", "/notifications/boards", frozenset({Role.TRAINER, Role.BRANCH_MANAGER}) | _ABOVE)
ORGANISATION = Place("organisation", "/recruiting/organisation", _LEADING | _ABOVE | {Role.OPERATIONS})
INBOX = Place("inbox", "/notifications/inbox", _EVERYBODY)

DEALS_PATH = "/clients/deals"
LISTINGS_PATH = "/clients/listings"

PLACES: tuple[Place, ...] = (
    TODAY,
    CLIENTS,
    SHOWINGS,
    MEETINGS,
    PIPELINE,
    LEADERBOARDS,
    BOARDS,
    ORGANISATION,
    INBOX,
)
"""In the order of the menu."""

INBOX_COUNT_PATH = "/notifications/inbox/count"
"""Gives the number of unread messages as a fragment."""

ADD_CLIENT = Action("add_client", "/clients/clients/new", _SELLING)
ADD_SHOWING = Action("add_showing", "/clients/showings/new", _SELLING)
ADD_CANDIDATE = Action(
    "add_candidate", "/recruiting/pipeline/new", frozenset({Role.TRAINER, Role.BRANCH_MANAGER})
)
PLAN_MEETING = Action(
    "plan_meeting", "/training/meetings/new", frozenset({Role.TRAINER, Role.BRANCH_MANAGER})
)

ACTIONS: tuple[Action, ...] = (ADD_CLIENT, ADD_SHOWING, ADD_CANDIDATE, PLAN_MEETING)


def places_for(roles: Collection[Role]) -> tuple[Place, ...]:
    """The menu of somebody who holds these roles, in its order."""
    return tuple(place for place in PLACES if not place.roles.isdisjoint(roles))


def actions_for(roles: Collection[Role]) -> tuple[Action, ...]:
    """What somebody with these roles may add."""
    return tuple(action for action in ACTIONS if not action.roles.isdisjoint(roles))


def home_for(roles: Collection[Role]) -> Place:
    """Where `/` leads somebody who holds these roles."""
    held = set(roles)
    if held & {Role.TRAINER}:
        return MEETINGS
    if held & (_ABOVE | {Role.BRANCH_MANAGER}):
        return LEADERBOARDS
    if held & _SELLING:
        return TODAY
    return ORGANISATION


def tabs_for(roles: Collection[Role]) -> tuple[Place, ...]:
    """The four places in the bar at the bottom of a phone, two on each side of "Add"."""
    held = set(roles)
    if held & {Role.TRAINER, Role.BRANCH_MANAGER}:
        return (MEETINGS, PIPELINE, LEADERBOARDS, INBOX)
    if held & _SELLING:
        return (TODAY, CLIENTS, LEADERBOARDS, INBOX)
    if held & _ABOVE:
        return (LEADERBOARDS, PIPELINE, ORGANISATION, INBOX)
    return (ORGANISATION, LEADERBOARDS, INBOX)
