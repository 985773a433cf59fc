"""Lists of clients as JSON, and the lists that somebody keeps."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.chassis.web.answers import created
from services.chassis.web.dependencies import Once, Store, Visitor, Work
from services.chassis.web.paging import DEFAULT_SIZE, CursorParam, SizeParam, decode_cursor, link_header
from services.chassis.web.validation import Output
from services.clients.dependencies import Asking, Id, OwnParam, Personal
from services.clients.files import lists
from services.clients.files.api import ClientOut, facts_of
from services.clients.files.filters import Filters, KeptList, State
from services.clients.files.inputs import ListIn
from services.clients.files.kept_lists import ForgetList, KeepList, forget_list, keep_list
from services.clients.files.views import own_or_all
from services.contracts.clients import ClientSource, Grade, Intent

router = APIRouter(tags=["clients"])


class ClientRowOut(ClientOut):
    """A client in a list: the name as far as it is yours to see, the phone masked."""

    name: str
    phone: str


class KeptListOut(Output):
    """A list that you named, with what it is narrowed by."""

    id: str
    name: str
    query: dict[str, str]

    @classmethod
    def of(cls, kept: KeptList) -> "KeptListOut":
        """The list as others see it."""
        return cls(id=kept.id, name=kept.name, query=kept.filters.query())


async def filters_asked(
    state: State = State.PLANNED,
    grade: Grade | None = None,
    intent: Intent | None = None,
    source: ClientSource | None = None,
    overdue: bool = False,
    silent_days: Annotated[
        int | None, Query(ge=1, le=3650, description="Nobody was in touch for so many days")
    ] = None,
    tag: Annotated[str, Query(max_length=20)] = "",
) -> Filters:
    """What the list is narrowed by."""
    return Filters(state, grade, intent, source, overdue, silent_days, tag)


@router.get("/clients", response_model=list[ClientRowOut])
async def clients(
    request: Request,
    response: Response,
    store: Store,
    personal: Personal,
    asker: Asking,
    filters: Annotated[Filters, Depends(filters_asked)],
    own: OwnParam = None,
    q: Annotated[str, Query(max_length=60, description="Name, pinyin, initials, or last digits")] = "",
    cursor: CursorParam = "",
    size: SizeParam = DEFAULT_SIZE,
) -> list[ClientRowOut]:
    """Your clients, or those of your units. A search gives the thirty newest that match, whatever the filters."""
    mine = own_or_all(asker, own)
    if q:
        found = await lists.search(store, personal, asker, q, own=mine)
    else:
        position = decode_cursor(cursor, lists.cursor_length(filters))
        rows = await lists.clients(
            store, personal, asker, own=mine, filters=filters, position=position, size=size
        )
        response.headers.update(link_header(request, rows.next_cursor))
        found = list(rows.items)
    return [
        ClientRowOut(**facts_of(row.client, row.version), name=row.name, phone=row.phone) for row in found
    ]


@router.get("/lists", response_model=list[KeptListOut])
async def kept(store: Store, visitor: Visitor) -> list[KeptListOut]:
    """The lists that you named."""
    return [KeptListOut.of(each) for each in await lists.kept_lists(store, visitor.person_id)]


@router.post("/lists", status_code=201, response_model=KeptListOut)
async def keep(body: ListIn, once: Once, visitor: Visitor) -> Response:
    """Name a list, to have it at hand."""
    command = KeepList(person_id=visitor.person_id, name=body.name, filters=body.filters)
    return await once.run(
        lambda made: created("/clients/api/lists", KeptListOut.of(made)), keep_list, command
    )


@router.delete("/lists/{list_id}", status_code=204)
async def forget(list_id: Id, work: Work, visitor: Visitor) -> Response:
    """Throw a list of yours away; the clients on it stay."""
    await work.run(forget_list, ForgetList(person_id=visitor.person_id, list_id=list_id))
    return Response(status_code=204)
