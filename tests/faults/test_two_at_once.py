"""Two people at one client, and a button that is hit many times, at the very same moment."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from services.chassis.identity import new_id
from services.clients.app import DEFINITION
from tests.faults.site import Site, site_of

pytestmark = pytest.mark.fault

ROUNDS, AT_ONCE = 5, 6


@pytest.fixture
def site(mongodb_uri: str, database_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("MUSTER_DATABASE_PREFIX", f"{database_name}_")
    with site_of(DEFINITION) as site:
        yield site


def asking(site: Site, person_id: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=site.served.url, cookies=site.cookies(person_id), timeout=30, trust_env=False
    )


async def test_of_those_who_edit_one_version_one_is_heard_and_the_others_are_told(site: Site) -> None:
    client = f"/clients/api/clients/{site.known['client_id'][0]}"
    async with asking(site, "lin") as agent, asking(site, "sun") as supervisor:
        for turn in range(ROUNDS):
            version = (await agent.get(client)).headers["etag"]
            # nobody writes what stands there already: that would change nothing, and nothing could be lost
            names = [f"王{turn}小{n}" for n in range(AT_ONCE)]

            async def edit(name: str, version: str = version) -> httpx.Response:
                person = agent if int(name[-1]) % 2 else supervisor
                return await person.put(
                    f"{client}/contact", json={"name": name}, headers={"If-Match": version}
                )

            answers = await asyncio.gather(*(edit(name) for name in names))
            statuses = Counter(answer.status_code for answer in answers)
            assert statuses == {200: 1, 412: AT_ONCE - 1}
            (heard,) = (
                name for name, answer in zip(names, answers, strict=True) if answer.status_code == 200
            )
            now = await agent.get(client)
            assert now.json()["fields"]["name"] == heard
            assert now.headers["etag"] != version


async def test_a_grade_and_a_new_name_at_the_same_moment_are_both_kept_or_one_is_told(site: Site) -> None:
    client = f"/clients/api/clients/{site.known['client_id'][0]}"
    grade = {"grade": "A", "intent": "real", "reason": "comparing"}
    async with asking(site, "lin") as agent, asking(site, "sun") as supervisor:
        version = {"If-Match": (await agent.get(client)).headers["etag"]}
        named, graded = await asyncio.gather(
            agent.put(f"{client}/contact", json={"name": "李四"}, headers=version),
            supervisor.put(f"{client}/grade", json=grade, headers=version),
        )
        assert sorted((named.status_code, graded.status_code)) == [200, 412]
        now = (await agent.get(client)).json()
        assert (now["fields"]["name"] == "李四") == (named.status_code == 200)
        assert (now["grade"] == "A") == (graded.status_code == 200)


async def test_a_button_hit_many_times_acts_once(site: Site) -> None:
    client = site.known["client_id"][0]
    key = {"Idempotency-Key": new_id()}
    body: dict[str, Any] = {"outcome": "reached", "minutes": 5}
    async with asking(site, "lin") as agent:
        before = len((await agent.get(f"/clients/api/clients/{client}/follow-ups")).json())
        answers = await asyncio.gather(
            *(
                agent.post(f"/clients/api/clients/{client}/contacts", json=body, headers=key)
                for _ in range(AT_ONCE)
            )
        )
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
        after = (await agent.get(f"/clients/api/clients/{client}/follow-ups")).json()
        assert len(after) == before + 1
