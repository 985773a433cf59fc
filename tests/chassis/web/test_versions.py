"""Two people edit one thing: nobody's change is silently lost."""

import pytest
from fastapi import FastAPI

from services.chassis.testing.web import client

HTML = {"Accept": "text/html", "Accept-Language": "en"}


async def _note(app: FastAPI) -> str:
    async with client(app, "p-agent") as asking:
        answer = await asking.post(
            "/clients/api/notes", json={"title": "one", "minutes": 1}, headers={"Idempotency-Key": "k"}
        )
    path: str = answer.headers["location"]
    return path


async def _put(app: FastAPI, path: str, headers: dict[str, str]) -> tuple[int, str, str]:
    async with client(app, "p-agent") as asking:
        answer = await asking.put(path, json={"title": "two", "minutes": 2}, headers=headers)
    return answer.status_code, answer.json().get("code", ""), answer.headers.get("etag", "")


async def test_an_update_of_the_version_that_was_read_is_kept(app: FastAPI) -> None:
    path = await _note(app)
    assert await _put(app, path, {"If-Match": '"1"'}) == (200, "", '"2"')
    assert await _put(app, path, {"If-Match": '"1"'}) == (412, "stale-version", "")
    assert await _put(app, path, {"If-Match": "*"}) == (200, "", '"2"')


@pytest.mark.parametrize(
    ("if_match", "status"),
    [(None, 428), ("1", 400), ('"1", "2"', 400), ('W/"1"', 412), ('"abc"', 412), ('"' + "9" * 40 + '"', 412)],
)
async def test_an_update_says_which_version_it_is_about(
    app: FastAPI, if_match: str | None, status: int
) -> None:
    headers = {"If-Match": if_match} if if_match is not None else {}
    assert (await _put(app, await _note(app), headers))[0] == status


async def test_a_stale_form_keeps_what_was_typed_and_shows_what_others_wrote(app: FastAPI) -> None:
    path = (await _note(app)).replace("/api", "")
    async with client(app, "p-agent") as asking:
        theirs = {"title": "theirs", "minutes": "1", "version": "1", "_key": "a"}
        assert (await asking.post(path, data=theirs)).status_code == 303
        mine = {"title": "mine", "minutes": "1", "version": "1", "_key": "b"}
        stale = await asking.post(path, data=mine, headers=HTML)
        assert stale.status_code == 412
        assert 'value="mine"' in stale.text
        assert "Now: theirs" in stale.text
        assert 'name="version" value="2"' in stale.text
        again = {**mine, "version": "2", "_key": "c"}
        assert (await asking.post(path, data=again)).status_code == 303


async def test_a_form_comes_back_filled_with_its_errors(app: FastAPI) -> None:
    async with client(app, "p-agent") as asking:
        answer = await asking.post("/clients/notes/new", data={"minutes": "soon", "_key": "k<"}, headers=HTML)
    assert answer.status_code == 422
    assert 'value="soon"' in answer.text
    assert "Please give a whole number" in answer.text
    assert "Please fill this in" in answer.text
    assert 'value="k&lt;"' in answer.text
