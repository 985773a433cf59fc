"""Matches as JSON."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse, Response

from services.chassis.personal_data.masking import Level
from services.chassis.web.dependencies import Store, Work
from services.chassis.web.validation import Input, Output
from services.clients.dependencies import Asking, Id, Personal
from services.clients.files.api import writable
from services.clients.listings.views import listing_of
from services.clients.matching import views
from services.clients.matching.commands import GiveFeedback, give_feedback
from services.clients.matching.finding import Suiting
from services.clients.matching.narrowing import Said
from services.clients.matching.store import Match
from services.clients.matching.views import ClientRow, ListingRow, looking_client

router = APIRouter(tags=["matches"])


class PartOut(Output):
    """One wish: points earned, of how many, and how far beside it the listing lies."""

    feature: str
    points: int
    of: int
    outcome: str
    missed_by: int | None


class GapOut(Output):
    """A hard limit that is broken, and by how much."""

    feature: str
    missed_by: int | None


class VerdictOut(Output):
    """The score is the sum of its parts, 100 where nothing is wished."""

    score: int
    parts: list[PartOut]
    gaps: list[GapOut]

    @classmethod
    def of(cls, suiting: Suiting) -> "VerdictOut":
        """The verdict as it is sent."""
        verdict = suiting.verdict
        return cls(
            score=verdict.score,
            parts=[
                PartOut(
                    feature=part.wish.condition.feature,
                    points=part.points,
                    of=part.of,
                    outcome=part.outcome,
                    missed_by=part.missed_by,
                )
                for part in verdict.parts
            ],
            gaps=[GapOut(feature=gap.condition.feature, missed_by=gap.missed_by) for gap in verdict.gaps],
        )


class FeedbackOut(Output):
    liked: bool
    said: list[str]
    at: datetime


class ListingMatchOut(Output):
    """A listing that suits the client, or nearly does."""

    need_id: str
    listing_id: str
    title: str
    verdict: VerdictOut
    comparable: bool
    told_at: datetime | None
    feedback: FeedbackOut | None

    @classmethod
    def of(cls, row: ListingRow) -> "ListingMatchOut":
        """The row as it is sent."""
        return cls(
            need_id=row.suiting.need.id,
            listing_id=row.listing.id,
            title=row.listing.title,
            verdict=VerdictOut.of(row.suiting),
            comparable=not row.suiting.verdict.suits,
            told_at=row.match.told_at if row.match else None,
            feedback=_feedback(row.match),
        )


class ClientMatchOut(Output):
    """A client whom the listing suits; of a client who is not yours to see, only whose it is and the score."""

    client_id: str | None
    agent_id: str | None
    name: str
    grade: str | None
    score: int
    verdict: VerdictOut | None
    comparable: bool
    told_at: datetime | None

    @classmethod
    def of(cls, row: ClientRow) -> "ClientMatchOut":
        """The row as this reader may see it."""
        seen = row.level is not Level.NONE
        return cls(
            client_id=row.client.id if seen else None,
            agent_id=row.client.agent_id,
            name=row.name,
            grade=row.client.grade if seen else None,
            score=row.suiting.verdict.score,
            verdict=VerdictOut.of(row.suiting) if seen else None,
            comparable=not row.suiting.verdict.suits,
            told_at=row.match.told_at if row.match and seen else None,
        )


class FeedbackIn(Input):
    """What the client says of a listing, in codes."""

    liked: bool
    said: Annotated[tuple[Said, ...], Field(max_length=len(Said))] = ()


class MatchOut(Output):
    id: str
    client_id: str
    listing_id: str
    score: int
    feedback: FeedbackOut | None


@router.get("/clients/{client_id}/matches", response_model=list[ListingMatchOut])
async def of_client(client_id: Id, store: Store, asker: Asking) -> list[ListingMatchOut]:
    """For each open need what suits, then what nearly does; the best first, what the client said no to last."""
    await looking_client(store, asker, client_id)
    return [
        ListingMatchOut.of(row)
        for found in await views.of_client(store, client_id)
        for row in (*found.suiting, *found.comparable)
    ]


@router.put("/clients/{client_id}/matches/{listing_id}/feedback", response_model=MatchOut)
async def feedback(
    client_id: Id, listing_id: Id, body: FeedbackIn, work: Work, store: Store, asker: Asking
) -> Response:
    """Write down what the client says of a listing; what follows for the need is suggested there."""
    await writable(store, asker, client_id)
    await listing_of(store, asker.access, listing_id)
    command = GiveFeedback(client_id=client_id, listing_id=listing_id, liked=body.liked, said=body.said)
    match = (await work.run(give_feedback, command)).value
    out = MatchOut(
        id=match.id,
        client_id=match.client_id,
        listing_id=match.listing_id,
        score=match.score,
        feedback=_feedback(match),
    )
    return JSONResponse(out.model_dump(mode="json"))


@router.get("/listings/{listing_id}/matches", response_model=list[ClientMatchOut])
async def of_listing(listing_id: Id, store: Store, personal: Personal, asker: Asking) -> list[ClientMatchOut]:
    """Whom the listing suits, then whom it nearly does; the best first."""
    listing = (await listing_of(store, asker.access, listing_id)).value
    found = await views.of_listing(store, personal, asker, listing)
    return [ClientMatchOut.of(row) for row in (*found.suiting, *found.comparable)]


def _feedback(match: Match | None) -> FeedbackOut | None:
    if match is None or match.feedback is None:
        return None
    return FeedbackOut(liked=match.feedback.liked, said=list(match.feedback.said), at=match.feedback.at)
