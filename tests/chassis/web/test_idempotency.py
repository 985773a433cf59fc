"""The same request sent twice acts once."""

import asyncio
from typing import Any

import httpx
from fastapi import FastAPI

from services.chassis.testing.web import client
from services.chassis.web.once import KEYS

NOTE = {"title": "回访", "minutes": 15}


async def _count(app: FastAPI, collection: str = "notes") -> int:
    found: int = await app.state.site.mongo.collection(collection).count_documents({})
    return found


async def _send(asking: httpx.AsyncClient, key: str | None, body: dict[str, Any] = NOTE) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return await asking.post("/clients/api/notes", json=body, headers=headers)


async def test_a_repeated_create_gets_the_first_answer(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        first = await _send(asking, "key-1")
        again = await _send(asking, "key-1", {"minutes": 15, "title": "回访"})
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["etag"] == '"1"'
    assert await _count(app) == 1


async def test_the_same_key_with_other_content_is_refused(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        await _send(asking, "key-1")
        other = await _send(asking, "key-1", {"title": "另一个", "minutes": 15})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await _count(app) == 1


async def test_a_key_is_its_owners_alone(app: FastAPI) -> None:
    async with client(app, "p-agent") as one, client(app, "p-other") as other:
        first, second = await _send(one, "key-1"), await _send(other, "key-1")
    assert first.json()["id"] != second.json()["id"]


async def test_a_create_without_a_usable_key_is_refused(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        missing, unusable = await _send(asking, None), await _send(asking, "with space")
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-missing")
    assert (unusable.status_code, unusable.json()["code"]) == (400, "idempotency-key-unusable")


async def test_what_failed_is_not_remembered(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        refused = await _send(asking, "key-1", {"title": "forbidden", "minutes": 1})
        assert refused.status_code == 422
        assert await _count(app, KEYS) == 0
        assert (await _send(asking, "key-1")).status_code == 201


async def test_many_at_once_act_once(app: FastAPI) -> None:
    """Each gets the first one's answer, or hears that it is still running; none acts a second time."""
    async with client(app, "p-agent") as asking:
        answers = await asyncio.gather(*(_send(asking, "key-1") for _ in range(12)))
    codes = {answer.status_code for answer in answers}
    assert 201 in codes
    assert codes <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["code"] == "still-running"
            assert int(answer.headers["retry-after"]) > 0
    assert await _count(app) == 1


async def test_a_double_clicked_form_acts_once_and_both_clicks_see_the_result(app: FastAPI) -> None:
    form = {"title": "陈晓雯", "minutes": "20", "_key": "form-1"}
    async with client(app, "p-agent") as asking:
        answers = await asyncio.gather(*(asking.post("/clients/notes/new", data=form) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await _count(app) == 1


async def test_a_button_of_htmx_is_led_on_instead_of_swapping_a_whole_page(app: FastAPI) -> None:
    form = {"title": "陈晓雯", "minutes": "20", "_key": "form-1"}
    async with client(app, "p-agent") as asking:
        answer = await asking.post("/clients/notes/new", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["hx-redirect"].startswith("/clients/notes/")


async def test_keys_are_forgotten_after_a_while(app: FastAPI) -> None:
    indexes = await app.state.site.mongo.collection(KEYS).index_information()
    assert any(index.get("expireAfterSeconds") == 0 for index in indexes.values())
