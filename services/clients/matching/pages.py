"""The tab "matches" of a client's file, and whom a listing suits."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.chassis.errors import Invalid
from services.chassis.personal_data.masking import Level
from services.chassis.web.dependencies import Directory, Page, Store, Work
from services.chassis.web.forms import Form, form_of
from services.chassis.web.page import PageWriter
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.files.frame import frame_of
from services.clients.listings import words
from services.clients.listings.views import listing_of
from services.clients.matching import views
from services.clients.matching.api import FeedbackIn
from services.clients.matching.commands import GiveFeedback, give_feedback
from services.clients.matching.finding import Suiting
from services.clients.matching.model import Outcome
from services.clients.matching.views import looking_client

router = APIRouter()


@dataclass(frozen=True)
class Reason:
    """One line of why: a wish with its points, or a limit that is broken."""

    icon: str
    tone: str
    title: str
    note: str
    points: str = ""


_ICONS = {
    Outcome.MET: ("check", "good"),
    Outcome.PARTLY: ("plus-minus", "warn"),
    Outcome.MISSED: ("x", "bad"),
    Outcome.UNKNOWN: ("question-mark", "muted"),
}


def reasons(page: PageWriter, suiting: Suiting) -> list[Reason]:
    """Why the listing suits so well, and what it lacks: broken limits first."""
    currency, lines = suiting.need.currency, []
    for gap in suiting.verdict.gaps:
        feature = gap.condition.feature
        lines.append(
            Reason(
                "alert-triangle",
                "bad",
                f"{page.say(words.FEATURES[feature])}: {words.condition(page, gap.condition, currency)}",
                words.beside(page, feature, gap.missed_by, currency),
            )
        )
    for part in suiting.verdict.parts:
        condition = part.wish.condition
        icon, tone = _ICONS[part.outcome]
        if part.outcome is Outcome.UNKNOWN:
            note = page.say("not known")
        elif part.outcome is Outcome.PARTLY and part.missed_by is None:
            note = page.say("close by")
        else:
            note = words.beside(page, condition.feature, part.missed_by, currency)
        title = f"{page.say(words.FEATURES[condition.feature])}: {words.condition(page, condition, currency)}"
        lines.append(Reason(icon, tone, title, note, f"{part.points}/{part.of}"))
    return lines


@router.get("/clients/{client_id}/matches")
async def of_client(
    client_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """What is on offer for the client, need by need."""
    await looking_client(store, asker, client_id)
    found = await views.of_client(store, client_id)
    return page.show(
        "matching/of_client.html",
        found=found,
        looks_for=words.LOOKS_FOR,
        hint_of=lambda need, each: words.suggestion(page, each, need.currency),
        said=words.SAID,
        said_of=words.SAID_OF,
        **_words(page),
        **await frame_of(page, store, directory, personal, asker, client_id, "matches"),
    )


@router.post("/clients/{client_id}/matches/{listing_id}/feedback")
async def feedback(
    client_id: Id,
    listing_id: Id,
    page: Page,
    store: Store,
    work: Work,
    asker: Asking,
    form: Annotated[Form[FeedbackIn], Depends(form_of(FeedbackIn))],
) -> Response:
    """What the client says of a listing."""
    await writable(store, asker, client_id)
    await listing_of(store, asker.access, listing_id)
    try:
        given = form.valid()
        command = GiveFeedback(client_id=client_id, listing_id=listing_id, liked=given.liked, said=given.said)
        await work.run(give_feedback, command)
        words_after = page.say("Noted")
    except Invalid as problem:
        words_after = page.language.say_problem(problem)
    return page.go(f"/clients/clients/{client_id}/matches", toast=words_after)


@router.get("/listings/{listing_id}/matches")
async def of_listing(
    listing_id: Id, page: Page, store: Store, directory: Directory, personal: Personal, asker: Asking
) -> Response:
    """Whom the listing suits."""
    listing = (await listing_of(store, asker.access, listing_id)).value
    found = await views.of_listing(store, personal, asker, listing)
    rows = (*found.suiting, *found.comparable)
    return page.show(
        "matching/of_listing.html",
        listing=listing,
        found=found,
        agents=await directory.people(row.client.agent_id for row in rows if row.client.agent_id),
        unseen=Level.NONE,
        **_words(page),
    )


def _words(page: PageWriter) -> dict[str, Any]:
    return {
        "reasons_of": lambda suiting: reasons(page, suiting),
        "price_of": lambda listing: words.price(page, listing),
        "short_of": lambda listing: words.in_short(page, listing),
        "place_of": words.place,
    }
