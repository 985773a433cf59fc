"""Candidates in MongoDB."""

from services.chassis.mongo import Indexes, IndexModel
from services.chassis.records import Records
from services.contracts.recruiting import CANDIDATE
from services.recruiting.candidates.model import Candidate

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
