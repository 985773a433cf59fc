"""Taking the list of clients out as a file: the page that asks how, and the file itself."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from services.chassis.errors import N_, Invalid
from services.chassis.mongo import Mongo
from services.chassis.web.dependencies import Page, Store
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.clients.dependencies import Asking, OwnParam, Personal
from services.clients.files.export import Export, Format, Why, as_csv, as_xlsx, reason_required
from services.clients.files.inputs import FiltersIn
from services.clients.files.list_pages import Typed, narrowed_in_words
from services.clients.files.personal import PersonalData
from services.clients.files.sight import scope
from services.clients.files.views import Asker, own_or_all
from services.contracts.organisation import Role

router = APIRouter()
api = APIRouter(tags=["clients"])

WHY: Mapping[Why, str] = {
    Why.HANDOVER: N_("Handover"),
    Why.COMPLAINT: N_("A complaint"),
    Why.AUTHORITY: N_("An authority asks"),
    Why.AUDIT: N_("Audit"),
    Why.MAILING: N_("A mailing to clients who agreed"),
}
TYPES: Mapping[Format, str] = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


class ExportIn(FiltersIn):
    """Which list, as which file, and whether it can be read in full."""

    format: Format = Format.XLSX
    own: bool = False
    full: bool = False
    """For branch managers, and with a reason; otherwise what is personal is masked."""
    why: Why | None = None

    def export(self, asker: Asker) -> Export:
        """What is asked for. Raises `Invalid` without a reason, `Forbidden`, `NotFound` for who has no clients."""
        filters = FiltersIn(**self.model_dump(include=set(FiltersIn.model_fields))).filters
        own = self.own or own_or_all(asker, None)
        scope(asker.access, own=own)
        wanted = Export(
            filters=filters, own=own, format=self.format, why=reason_required(self.full, self.why)
        )
        wanted.permitted(asker.access)
        return wanted


@router.get("/clients/export")
async def ask(page: Page, asker: Asking, filters: Typed, own: OwnParam = None) -> Response:
    """How the list is wanted."""
    mine = own_or_all(asker, own)
    scope(asker.access, own=mine)
    form = Form.of(ExportIn, {**filters.query(), "format": Format.XLSX, "own": mine})
    return _show(page, asker, form)


@router.post("/clients/export")
async def take(
    page: Page,
    store: Store,
    personal: Personal,
    asker: Asking,
    form: Annotated[Form[ExportIn], Depends(form_of(ExportIn))],
) -> Response:
    """The file."""
    try:
        export = form.valid().export(asker)
    except Invalid as problem:
        return _show(page, asker, form.with_errors(problem), 422)
    return _file(page, store, personal, asker, export)


@api.post("/clients/export", response_class=Response)
async def take_json(page: Page, body: ExportIn, store: Store, personal: Personal, asker: Asking) -> Response:
    """A list of clients as a file, masked unless a branch manager says what it is for. Every export is written down."""
    return _file(page, store, personal, asker, body.export(asker))


def _file(page: PageWriter, store: Mongo, personal: PersonalData, asker: Asker, export: Export) -> Response:
    write = as_xlsx if export.format is Format.XLSX else as_csv
    name = f"clients-{page.formats.today.isoformat()}.{export.format}"
    return StreamingResponse(
        write(store, personal, asker, export, page.say),
        media_type=TYPES[export.format],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _show(page: PageWriter, asker: Asker, form: Form[ExportIn], status: int = 200) -> Response:
    kept = {name: form[name].value for name in (*FiltersIn.model_fields, "own") if form[name].value}
    return page.show(
        "files/export.html",
        status=status,
        form=form,
        kept=kept,
        narrowed=narrowed_in_words(page, kept),
        may_read_all=asker.access.has(Role.BRANCH_MANAGER),
        formats_offered=[(Format.XLSX, "Excel (xlsx)"), (Format.CSV, "CSV")],
        reasons=[(code, page.say(said)) for code, said in WHY.items()],
    )
