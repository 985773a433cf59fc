"""The frame of a client's file (客户档案): head, actions and tabs, shared by all pages about one client.

A tab is a page of its own at `/clients/clients/{id}/<key>`. Its template extends `files/frame.html` and fills the block
`tab`; its route shows it with `**await frame_of(...)`. The tab's line stands in `TABS`.
"""

from dataclasses import dataclass
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import N_
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.web.page import PageWriter
from services.clients import words
from services.clients.files import views
from services.clients.files.model import Client
from services.clients.files.personal import PersonalData
from services.clients.files.sight import LOOKS_AFTER, may_write
from services.clients.files.views import Asker
from services.clients.ownership.views import warnings
from services.contracts.organisation import Role

EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Tab:
    """A page about one client; `words` is still to be translated."""

    key: str
    """The last part of the path; empty for the overview."""
    words: str
    roles: frozenset[Role] = EVERYBODY
    """Who finds it; who may open it is decided by the page itself."""

    def path(self, client_id: str) -> str:
        """Where the tab of this client stands."""
        return f"/clients/clients/{client_id}" + (f"/{self.key}" if self.key else "")


TABS: tuple[Tab, ...] = (
    Tab("", N_("Overview")),
    Tab("needs", N_("Needs")),
    Tab("matches", N_("Matches")),
    Tab("deals", N_("Deals")),
    Tab("family", N_("Family")),
    Tab("audit", N_("Who looked"), frozenset({Role.BRANCH_MANAGER, Role.HEAD_OFFICE})),
    Tab("referrals", N_("Referrals")),
    Tab("owner", N_("Agent")),
)
"""In their order. Whoever brings a page about one client adds its line here."""


def tabs_for(access: Access) -> tuple[Tab, ...]:
    """The tabs that this reader finds."""
    return tuple(tab for tab in TABS if not tab.roles.isdisjoint(access.roles))


async def frame_of(
    page: PageWriter,
    store: Mongo,
    directory: Directory,
    personal: PersonalData,
    asker: Asker,
    client_id: str,
    tab: str,
) -> dict[str, Any]:
    """What `files/frame.html` shows, with this tab open: `file`, `client`, `version`, `agent`, `may_write`, `tabs`.

    Raises `NotFound`, also for what is not theirs. The look at name and phone is written down.
    """
    file = await views.file_of(store, personal, asker, client_id)
    client = file.client
    return {
        "file": file,
        "client": client,
        "version": file.stored.version,
        "agent": await agent_name(directory, client),
        "may_write": client.erased_at is None
        and may_write(asker.access, client.agent_id, client.org_path, client.shared_with),
        "may_lift": asker.access.may(*LOOKS_AFTER, at=client.org_path),
        "leaves_at": (await warnings(store, [client], asker.now)).get(client.id),
        "frame_tabs": [(each.path(client.id), page.say(each.words), None) for each in tabs_for(asker.access)],
        "frame_open": next(each.path(client.id) for each in TABS if each.key == tab),
        "sources": words.SOURCES,
        "rules": words.RULES,
    }


async def agent_name(directory: Directory, client: Client) -> str:
    """Who looks after the client; empty in the pool."""
    if client.agent_id is None:
        return ""
    agent = (await directory.people([client.agent_id])).get(client.agent_id)
    return agent.name if agent else ""
