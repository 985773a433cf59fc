"""The same request sent twice acts once: idempotency keys, kept in the transaction of the effect itself.

For JSON the key is the header `Idempotency-Key`, for a page's form the hidden field `_key`. It belongs to the person
and to the payload: the same payload gets the first one's answer, another payload is refused. While the first is still
running, JSON gets 409, and a form waits for it.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.errors import N_, Conflict, Problem
from services.chassis.mongo import (
    ASCENDING,
    Document,
    DuplicateKeyError,
    Indexes,
    IndexModel,
    OperationFailure,
)
from services.chassis.web.answers import Answer
from services.chassis.work import Transaction, UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")

KEYS = "idempotency_keys"
KEPT = timedelta(hours=48)
LONGEST_KEY = 200
_WRITE_CONFLICT = 112
_WAIT_SECONDS = 8.0
_POLL_SECONDS = 0.05

INDEXES: Indexes = {KEYS: [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0)]}


class KeyMissing(Problem):
    status = 400
    code = "idempotency-key-missing"
    title = N_("Send an Idempotency-Key header, so that a repeated request acts once")


class KeyUnusable(Problem):
    status = 400
    code = "idempotency-key-unusable"
    title = N_("The Idempotency-Key must have 1 to 200 visible ASCII characters")


class KeyReused(Problem):
    status = 422
    code = "idempotency-key-reused"
    title = N_("This was already sent with other content; open the form again to send something new")


class StillRunning(Conflict):
    code = "still-running"
    title = N_("The same request is still being carried out; ask again in a moment")


class _Taken(Exception):
    """Another request holds the key."""


@dataclass(frozen=True)
class Once:
    """One request of one person that may act once."""

    work: UnitOfWork
    request: Request
    key: str
    fingerprint: str
    patient: bool
    """Whether to wait for the first one (a page), or to say that it is running (JSON)."""

    async def run(
        self,
        says: Callable[[T], Answer],
        command: Callable[Concatenate[Transaction, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Response:
        """Run the command in one transaction and answer with what `says` makes of its result.

        The answer is kept with the effect; a repetition gets it again without running the command. Raises
        `KeyReused`, `StillRunning`, and what the command raises, in which case nothing is kept.
        """

        async def guarded(tx: Transaction) -> Answer:
            # nearly every request is the first of its key; a repetition shows when the key cannot be taken
            await self._take(tx)
            answer = says(await command(tx, *args, **kwargs))
            update = {
                "status": answer.status,
                "body": answer.body,
                "headers": dict(answer.headers),
                "toast": answer.toast,
            }
            await tx.collection(KEYS).update_one({"_id": self._id}, {"$set": update}, session=tx.session)
            return answer

        deadline = asyncio.get_running_loop().time() + (_WAIT_SECONDS if self.patient else 0)
        while True:
            try:
                answer = await self.work.run(guarded)
            except _Taken:
                kept = await self.work.mongo.collection(KEYS).find_one({"_id": self._id})
                if kept is not None:
                    answer = self._replay(kept)
                elif asyncio.get_running_loop().time() < deadline:
                    await asyncio.sleep(_POLL_SECONDS)
                    continue
                else:
                    raise StillRunning from None
            return answer.response(self.request)

    @property
    def _id(self) -> str:
        return f"{self.work.cause.actor}/{self.key}"

    async def _take(self, tx: Transaction) -> None:
        entry = {"_id": self._id, "fingerprint": self.fingerprint, "expires_at": tx.now + KEPT}
        try:
            await tx.collection(KEYS).insert_one(entry, session=tx.session)
        except DuplicateKeyError:
            raise _Taken from None
        except OperationFailure as error:
            if error.code == _WRITE_CONFLICT:
                raise _Taken from None
            raise

    def _replay(self, kept: Document) -> Answer:
        if kept["fingerprint"] != self.fingerprint:
            raise KeyReused
        return Answer(kept["status"], kept["body"], kept["headers"], kept["toast"])


def fingerprint_of(request: Request, payload: Any) -> str:
    """Tells requests with the same key apart: by method, path, query and content, not by its layout."""
    canonical = json.dumps(
        [request.method, request.url.path, request.url.query, payload],
        sort_keys=True,
        ensure_ascii=True,
        default=str,
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def usable(key: str) -> bool:
    """Whether the key can be kept: 1 to 200 visible ASCII characters."""
    return 0 < len(key) <= LONGEST_KEY and all("!" <= char <= "~" for char in key)
