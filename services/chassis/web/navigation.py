"""The menu of one reader: the places of the site with their words and icons, and which of them is open."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.chassis.access import Access
from services.chassis.errors import N_
from services.contracts import site
from services.contracts.organisation import Role

WORDS: dict[str, str] = {
    "today": N_("Today"),
    "clients": N_("Clients"),
    "showings": N_("Showings"),
    "meetings": N_("Meetings"),
    "pipeline": N_("Pipeline"),
    "leaderboards": N_("Leaderboards"),
    "boards": N_("TV boards"),
    "organisation": N_("Organisation"),
    "inbox": N_("Inbox"),
    "add_client": N_("New client"),
    "add_showing": N_("Book a showing"),
    "add_candidate": N_("New candidate"),
    "plan_meeting": N_("Plan a meeting"),
}
ICONS: dict[str, str] = {
    "today": "checklist",
    "clients": "address-book",
    "showings": "map-pin",
    "meetings": "presentation",
    "pipeline": "layout-kanban",
    "leaderboards": "trophy",
    "boards": "device-tv",
    "organisation": "sitemap",
    "inbox": "bell",
    "add_client": "user-plus",
    "add_showing": "home-plus",
    "add_candidate": "user-search",
    "plan_meeting": "calendar-plus",
}
ROLE_WORDS: dict[str, str] = {
    "agent": N_("Agent"),
    "supervisor": N_("Supervisor"),
    "trainer": N_("Trainer"),
    "branch_manager": N_("Branch manager"),
    "regional": N_("Regional"),
    "head_office": N_("Head office"),
    "operations": N_("Operations"),
}


@dataclass(frozen=True)
class Section:
    """A part of one service that stands in the bar above its pages; `words` is still to be translated."""

    path: str
    words: str
    roles: frozenset[Role]
    """Who finds it in the bar; who may open it is decided by the page itself."""


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu; `words` is still to be translated."""

    key: str
    path: str
    words: str
    icon: str
    open: bool = False


@dataclass(frozen=True)
class Menu:
    """What the shell shows of the site to one reader."""

    items: tuple[MenuItem, ...]
    tabs: tuple[MenuItem, ...]
    """Of the bar at the bottom of a phone."""
    actions: tuple[MenuItem, ...]
    """Of the "Add" button."""


def menu_for(access: Access, path: str) -> Menu:
    """The menu of this reader, with the place marked that the path lies in."""

    def item(place: site.Place | site.Action) -> MenuItem:
        here = isinstance(place, site.Place) and _within(path, place.path)
        return MenuItem(place.key, place.path, WORDS[place.key], ICONS[place.key], here)

    return Menu(
        items=tuple(item(place) for place in site.places_for(access.roles)),
        tabs=tuple(item(place) for place in site.tabs_for(access.roles)),
        actions=tuple(item(action) for action in site.actions_for(access.roles)),
    )


def sections_for(sections: Sequence[Section], access: Access, path: str) -> tuple[MenuItem, ...]:
    """The bar of this reader, with the section marked that the path lies in; empty when there is no choice."""
    theirs = [section for section in sections if not section.roles.isdisjoint(access.roles)]
    if len(theirs) < 2 or not any(_within(path, section.path) for section in theirs):
        return ()
    return tuple(
        MenuItem(section.path, section.path, section.words, "", _within(path, section.path))
        for section in theirs
    )


def _within(path: str, place: str) -> bool:
    return path == place or path.startswith(place + "/")
