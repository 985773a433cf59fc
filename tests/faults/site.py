"""One service's web application, served on a port, with a company in its database and something to ask for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from services.chassis.clock import utc_now
from services.chassis.identity import new_id
from services.chassis.mongo import Mongo
from services.chassis.organisation.events import HANDLERS as ORGANISATION
from services.chassis.processes.definition import ServiceDefinition
from services.chassis.testing.browser import Served
from services.chassis.web.session import SESSION_COOKIE
from services.chassis.work import Transaction, UnitOfWork
from services.contracts.clients import ShowingDone
from services.contracts.cloudevents import decode
from services.contracts.envelope import Received
from services.notifications.boards.store import PAIRINGS
from services.notifications.leaderboards.commands import count
from tests.faults.company import PEOPLE, TEAM_PATH, found_by_commands, founding
from tests.faults.muster import Sent, sent


@dataclass
class Site:
    """The application of one service; `known` has things that are there, by the name of the path parameter."""

    service: str
    served: Served
    known: dict[str, list[str]] = field(default_factory=dict)

    def as_person(self, person_id: str) -> httpx.Client:
        """A client of somebody who is signed in."""
        return httpx.Client(
            base_url=self.served.url, cookies=self.cookies(person_id), timeout=15, trust_env=False
        )

    def cookies(self, person_id: str) -> dict[str, str]:
        """The session of this person."""
        site = self.served.app.state.site
        return {SESSION_COOKIE: site.signer.session(person_id, site.clock())}

    def make(self, person_id: str, path: str, body: Mapping[str, Any], parameter: str) -> str:
        """Have the person make something by the service's JSON, and remember its id under this parameter."""
        with self.as_person(person_id) as asking:
            answer = asking.post(
                f"/{self.service}/api{path}", json=body, headers={"Idempotency-Key": new_id()}
            )
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        id_: str = answer.json()["id"]
        self.known.setdefault(parameter, []).append(id_)
        return id_


@contextmanager
def site_of(definition: ServiceDefinition) -> Iterator[Site]:
    """The service with its database where the environment says, founded and filled."""
    with Served(definition.build_api(definition.runtime())) as served:
        site = Site(definition.name, served, {"unit_id": list(TEAM_PATH), "person_id": list(PEOPLE)})
        work = UnitOfWork(served.app.state.site.mongo, utc_now, f"/muster/{definition.name}")
        served.do(lambda: _found(work, definition.name))
        FILLING[definition.name](site)
        yield site


async def _found(work: UnitOfWork, service: str) -> None:
    """The company is in the directory, and in recruiting's own records."""
    if service == "recruiting":
        await found_by_commands(work)
    await work.run(_tell)


async def _tell(tx: Transaction) -> None:
    for one in founding():
        received = received_of(one)
        await ORGANISATION[type(received.event)](tx, received)


def received_of(one: Sent) -> Received[Any]:
    """The event as a reader gets it."""
    received = decode(one.key, one.value, list(one.headers))
    if received is None:
        raise ValueError("a tombstone")
    return received


def _fill_recruiting(site: Site) -> None:
    candidate = {"name": "吴小云", "phone": "13800138000", "branch_id": "jingan", "source": "walk_in"}
    site.make("chen", "/candidates", candidate, "candidate_id")


def _fill_training(site: Site) -> None:
    series_id = site.make(
        "chen", "/series", {"title": "早会", "host_id": "chen", "unit_id": "jingan"}, "series_id"
    )
    day = (utc_now() + timedelta(days=1)).date().isoformat()
    site.make("chen", "/meetings/from-draft", {"series_id": series_id, "day": day}, "meeting_id")


def _fill_clients(site: Site) -> None:
    client_id = site.make("lin", "/clients", {"name": "王小明", "source": "walk_in"}, "client_id")
    contact = {"outcome": "reached", "minutes": 5}
    site.make("lin", f"/clients/{client_id}/contacts", contact, "follow_up_id")
    showing = {"client_id": client_id, "starts_at": utc_now().isoformat(), "homes": ["静安枫景 3-1201"]}
    site.make("lin", "/showings", showing, "showing_id")
    home: dict[str, Any] = {"kind": "sale", "title": "静安枫景 3-1201", "place": ["上海", "静安"]}
    home |= {"price": 500, "rooms": 2, "size": 600}
    site.make("lin", "/listings", home, "listing_id")
    need = {"kind": "sale", "wishes": [{"feature": "size", "at_least": 700}]}
    site.make("lin", f"/clients/{client_id}/needs", need, "need_id")


def _fill_notifications(site: Site) -> None:
    mongo: Mongo = site.served.app.state.site.mongo
    showing = ShowingDone(
        occurred_at=utc_now(),
        showing_id="s",
        client_id="c",
        agent_id="lin",
        org_path=TEAM_PATH,
        homes=2,
        interest=4,
    )
    work = UnitOfWork(mongo, utc_now, "/muster/notifications")
    site.served.do(lambda: work.run(count, [received_of(sent(showing, "s"))]))
    with httpx.Client(base_url=site.served.url, trust_env=False) as tv:
        assert tv.get("/notifications/tv").status_code == 200

    async def shown_code() -> str:
        pairing = await mongo.collection(PAIRINGS).find_one({})
        return str(pairing["_id"]) if pairing else ""

    code = site.served.do(shown_code)
    site.make("chen", "/boards", {"code": code, "unit_id": "jingan"}, "board_id")


FILLING: Mapping[str, Callable[[Site], None]] = {
    "recruiting": _fill_recruiting,
    "training": _fill_training,
    "clients": _fill_clients,
    "notifications": _fill_notifications,
}
