"""Reading candidates for the pipeline, the file and the list."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.access import Access
from services.chassis.errors import NotFound
from services.chassis.mongo import Document, Mongo
from services.chassis.records import Stored
from services.chassis.web.paging import Rows, after
from services.contracts.organisation import Role
from services.recruiting.candidates.model import DEFAULT_STAGES, JOINED, Candidate, Stage, is_stalled
from services.recruiting.candidates.personal import RECRUITERS, CandidateFiles
from services.recruiting.candidates.store import CANDIDATES

LEADERS = (*RECRUITERS, Role.REGIONAL, Role.HEAD_OFFICE)
"""Who sees a pipeline at all."""

CARDS_PER_COLUMN = 30
ROUTE = "GET /recruiting/pipeline"


@dataclass(frozen=True)
class Card:
    """A candidate in their column."""

    id: str
    version: int
    name: str
    source: str
    stage: str
    stage_since: datetime
    days: int
    """Whole days in this stage."""
    stalled: bool
    consented: bool
    recruiter_id: str
    referrer_id: str | None
    lost_reason: str | None
    movable: bool
    """Whether this reader may move it."""


@dataclass(frozen=True)
class Column:
    stage: Stage
    cards: tuple[Card, ...]
    total: int


def scope(access: Access, branch_id: str | None = None) -> Document:
    """The filter of candidates that are theirs to see, within one branch when given.

    Raises `NotFound` for somebody who works with no pipeline, or not with that branch's.
    """
    units = {grant.unit_id for grant in access.grants if grant.role in LEADERS}
    if not units:
        raise NotFound
    if branch_id is None:
        return {"org_path": {"$in": sorted(units)}}
    return {"$and": [{"org_path": branch_id}, {"org_path": {"$in": sorted(units)}}]}


async def pipeline(
    store: Mongo,
    files: CandidateFiles,
    access: Access,
    now: datetime,
    *,
    branch_id: str | None = None,
    typed: str = "",
) -> list[Column]:
    """The columns with their newest cards; `typed` searches by name, pinyin, initials or last digits."""
    conditions = scope(access, branch_id)
    if typed.strip():
        conditions = {**conditions, "search_tokens": files.search_token(typed)}
    columns = await asyncio.gather(*(_column(store, conditions, stage) for stage in DEFAULT_STAGES))
    shown = await cards(files, access, now, [one for found, _ in columns for one in found])
    by_id = {card.id: card for card in shown}
    return [
        Column(stage, tuple(by_id[one.id] for one in found), total)
        for stage, (found, total) in zip(DEFAULT_STAGES, columns, strict=True)
    ]


async def _column(store: Mongo, conditions: Document, stage: Stage) -> tuple[list[Stored[Candidate]], int]:
    query = {**conditions, "stage": stage.code, "lost_reason": None}
    candidates = store.collection("candidates")
    found = await candidates.find(query).sort("stage_since", -1).limit(CARDS_PER_COLUMN).to_list(None)
    total = len(found)
    if total == CARDS_PER_COLUMN:
        total = await candidates.count_documents(query)
    return [CANDIDATES.stored(document) for document in found], total


async def cards(
    files: CandidateFiles, access: Access, now: datetime, found: Sequence[Stored[Candidate]]
) -> list[Card]:
    """The candidates as cards, with the names that this reader may see."""
    names = await files.names(
        [(one.id, one.value.sealed, one.value.org_path) for one in found], access, ROUTE, now
    )
    return [_card(one, names[one.id], access, now) for one in found]


def _card(stored: Stored[Candidate], name: str, access: Access, now: datetime) -> Card:
    candidate = stored.value
    return Card(
        id=candidate.id,
        version=stored.version,
        name=name,
        source=candidate.source,
        stage=candidate.stage,
        stage_since=candidate.stage_since,
        days=max(0, (now - candidate.stage_since).days),
        stalled=is_stalled(candidate, DEFAULT_STAGES, now),
        consented=candidate.consent_at is not None,
        recruiter_id=candidate.recruiter_id,
        referrer_id=candidate.referrer_id,
        lost_reason=candidate.lost_reason,
        movable=access.may(*RECRUITERS, at=candidate.org_path) and candidate.stage != JOINED,
    )


async def candidate(store: Mongo, access: Access, candidate_id: str) -> Stored[Candidate]:
    """The candidate's file. Raises `NotFound` also when it is not theirs to see."""
    found = await store.collection("candidates").find_one({"_id": candidate_id})
    if found is None or not access.may(*LEADERS, at=found["org_path"]):
        raise NotFound
    return CANDIDATES.stored(found)


ORDER = (("registered_at", -1), ("_id", -1))


async def page_of_candidates(
    store: Mongo, access: Access, position: tuple[Any, ...] | None, size: int
) -> Rows[Stored[Candidate]]:
    """All candidates that are theirs to see, the newest first."""
    where = None if position is None else (datetime.fromisoformat(position[0]), position[1])
    query = {"$and": [scope(access), after(ORDER, where)]}
    found = await store.collection("candidates").find(query).sort(list(ORDER)).limit(size + 1).to_list(None)
    return Rows.of(
        [CANDIDATES.stored(document) for document in found],
        size,
        lambda one: (one.value.registered_at.isoformat(), one.id),
    )


async def timeline(store: Mongo, candidate_id: str) -> list[Document]:
    """What happened to the candidate, the newest first."""
    return (
        await store.collection("timeline")
        .find({"about": candidate_id})
        .sort("_id", -1)
        .limit(100)
        .to_list(None)
    )
