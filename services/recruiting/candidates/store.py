"""Candidates in MongoDB."""

from services.chassis.mongo import Indexes, IndexModel
from services.chassis.records import Records
from services.chassis.work import Transaction
from services.contracts.recruiting import CANDIDATE
from services.recruiting.candidates.model import JOINED, Candidate

CANDIDATES: Records[Candidate] = Records(
    "candidates", Candidate, aggregate=CANDIDATE, org_path=lambda candidate: candidate.org_path
)

INDEXES: Indexes = {
    "candidates": [
        # one file a person in a company, found by phone without reading the table
        IndexModel([("org_path.0", 1), ("phone_index", 1)], unique=True, name="one_file_a_phone"),
        # the pipeline of a subtree, column by column
        IndexModel([("org_path", 1), ("stage", 1), ("lost_reason", 1), ("stage_since", -1)]),
        # by name, pinyin, initials or last digits
        IndexModel([("search_tokens", 1)]),
        # the list, newest first
        IndexModel([("org_path", 1), ("registered_at", -1), ("_id", -1)]),
    ]
}


async def hand_over(tx: Transaction, from_id: str, to_id: str, org_path: tuple[str, ...]) -> None:
    """The open candidates of this recruiter, in the subtree of the branch or what there is, are the other's."""
    await tx.collection(CANDIDATES.collection).update_many(
        {
            "org_path": org_path[min(2, len(org_path) - 1)],
            "stage": {"$ne": JOINED},
            "lost_reason": None,
            "recruiter_id": from_id,
        },
        {"$set": {"recruiter_id": to_id}},
        session=tx.session,
    )
