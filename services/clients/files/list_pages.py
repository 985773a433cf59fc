"""The list of clients: search, filters, and the lists that somebody keeps."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from services.chassis.errors import N_, Invalid
from services.chassis.web.answers import see
from services.chassis.web.dependencies import Directory, Once, Page, Store, Visitor, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.chassis.web.paging import CursorParam, decode_cursor
from services.chassis.web.validation import field_errors
from services.clients import words
from services.clients.dependencies import Asking, Id, OwnParam, Personal
from services.clients.files import lists
from services.clients.files.filters import Filters, State
from services.clients.files.inputs import FiltersIn, ListIn
from services.clients.files.kept_lists import ForgetList, KeepList, forget_list, keep_list
from services.clients.files.sight import units_of
from services.clients.files.views import own_or_all
from services.contracts.clients import Grade
from services.contracts.organisation import Role

router = APIRouter()

LIST = "/clients/clients"
STATES: Mapping[State, str] = {
    State.PLANNED: N_("Planned"),
    State.UNPLANNED: N_("Without a plan"),
    State.LOST: N_("Lost"),
    State.SHARED: N_("Shared with me"),
}
SILENCES = (7, 15, 30, 60, 90)
READY_MADE: tuple[tuple[str, Filters], ...] = (
    (N_("Overdue"), Filters(overdue=True)),
    (N_("Grade A"), Filters(grade=Grade.A)),
    (N_("Silent for 15 days"), Filters(silent_days=15)),
)
"""Lists that everybody has."""


async def filters_typed(request: Request) -> Filters:
    """The filters of a form, in which an empty field says nothing. Raises `Invalid`."""
    given = {name: request.query_params.get(name, "").strip() for name in FiltersIn.model_fields}
    try:
        return FiltersIn.model_validate({name: value for name, value in given.items() if value}).filters
    except ValidationError as error:
        raise Invalid(errors=field_errors(error.errors())) from None


Typed = Annotated[Filters, Depends(filters_typed)]


def path_of(filters: Filters, own: bool | None = None) -> str:
    """Where this list stands."""
    query = filters.query() | ({"own": "true" if own else "false"} if own is not None else {})
    return f"{LIST}?{urlencode(query)}"


@router.get("/clients")
async def clients(
    page: Page,
    store: Store,
    directory: Directory,
    personal: Personal,
    asker: Asking,
    filters: Typed,
    own: OwnParam = None,
    q: Annotated[str, Query(max_length=60)] = "",
    cursor: CursorParam = "",
) -> Response:
    """The list: planned, without a plan, lost, or narrowed; or who was found."""
    leads = bool(units_of(asker.access))
    mine = own_or_all(asker, own)
    next_cursor = ""
    if q.strip():
        rows = await lists.search(store, personal, asker, q, own=mine)
    else:
        position = decode_cursor(cursor, lists.cursor_length(filters))
        found = await lists.clients(
            store, personal, asker, own=mine, filters=filters, position=position, size=30
        )
        rows, next_cursor = list(found.items), found.next_cursor
    agents = await directory.people(row.client.agent_id or "" for row in rows) if not mine else {}
    side = mine if leads else None
    return page.show(
        "files/list.html",
        rows=rows,
        next_page=path_of(filters, side) + f"&cursor={next_cursor}" if next_cursor else "",
        filters=filters,
        own=mine,
        leads=leads,
        q=q,
        agents=agents,
        unplanned=await lists.count_unplanned(store, asker.access, own=mine),
        states=[(state, path_of(Filters(state=state), side), said) for state, said in STATES.items()],
        export=path_of(filters, side).replace(LIST, f"{LIST}/export"),
        sides=[(own_, path_of(filters, own_)) for own_ in (False, True)],
        narrowed=_narrowed(page, filters, side),
        ready_made=[(page.say(said), path_of(each, side), each == filters) for said, each in READY_MADE],
        kept=[
            (each, path_of(each.filters, side), each.filters == filters)
            for each in await lists.kept_lists(store, asker.access.person_id)
        ],
        form=Form.of(FiltersIn, filters.query()),
        query=filters.query(),
        rules=words.RULES,
        intents=words.INTENTS,
        sources=words.SOURCES,
        intent_choices=[(code, page.say(said)) for code, said in words.INTENTS.items()],
        source_choices=[(code, page.say(said)) for code, said in words.SOURCES.items()],
        silences=[(days, page.say("%(count)d days", count=days)) for days in SILENCES],
        may_add=asker.access.has(Role.AGENT, Role.SUPERVISOR),
    )


@router.post("/clients/lists")
async def keep(
    page: Page,
    once: Once,
    visitor: Visitor,
    form: Annotated[Form[ListIn], Depends(form_of(ListIn))],
) -> Response:
    """Keep a list under a name."""
    typed = form.valid()
    command = KeepList(person_id=visitor.person_id, name=typed.name, filters=typed.filters)
    return await once.run(
        lambda kept: see(path_of(kept.filters), toast=page.say("The list is kept")), keep_list, command
    )


@router.post("/clients/lists/{list_id}/forget")
async def forget(list_id: Id, page: Page, work: Work, visitor: Visitor) -> Response:
    """Throw a list away."""
    await work.run(forget_list, ForgetList(person_id=visitor.person_id, list_id=list_id))
    return page.go(LIST, toast=page.say("The list is gone; the clients on it stay"))


def narrowed_in_words(page: PageWriter, query: Mapping[str, str]) -> str:
    """Which list this is, in one line; nothing for a query that is none."""
    try:
        filters = FiltersIn.model_validate(
            {k: v for k, v in query.items() if k in FiltersIn.model_fields}
        ).filters
    except ValidationError:
        return ""
    return " · ".join([page.say(STATES[filters.state]), *_conditions(page, filters).values()])


def _narrowed(page: PageWriter, filters: Filters, own: bool | None) -> list[tuple[str, str]]:
    """What the list is narrowed by, in words, each with where the list without it stands."""
    said = _conditions(page, filters)
    return [(text, path_of(filters.without(name), own)) for name, text in said.items()]


def _conditions(page: PageWriter, filters: Filters) -> dict[str, str]:
    said: dict[str, str] = {}
    if filters.grade is not None:
        said["grade"] = page.say("Grade %(grade)s", grade=filters.grade)
    if filters.intent is not None:
        said["intent"] = page.say(words.INTENTS[filters.intent])
    if filters.source is not None:
        said["source"] = page.say(words.SOURCES[filters.source])
    if filters.overdue:
        said["overdue"] = page.say("Overdue")
    if filters.silent_days is not None:
        said["silent_days"] = page.say("Silent for %(count)d days", count=filters.silent_days)
    if filters.tag:
        said["tag"] = filters.tag
    return said
