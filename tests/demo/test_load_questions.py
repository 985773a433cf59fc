"""What memory answers is what the database would."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.demo.load_memory import Keep, Memory
from deploy.demo.load_questions import BeyondMemory, changed, matches
from services.chassis.mongo import Document, Mongo

MOMENT = datetime(2026, 11, 23, tzinfo=UTC)
DOCUMENTS: tuple[Document, ...] = (
    {"_id": "a", "unit": "x", "path": ["co", "x"], "at": MOMENT, "next": {"id": "f1", "level": None}},
    {"_id": "b", "unit": "y", "path": ["co", "y"], "at": None, "next": None},
    {"_id": "c", "unit": "y", "path": [], "name": "C"},
)
QUESTIONS: tuple[Mapping[str, Any], ...] = (
    {},
    {"_id": "a"},
    {"_id": "a", "unit": "y"},
    {"_id": {"$in": ["c", "a", "z"]}},
    {"unit": "y"},
    {"unit": {"$in": ["x", "z"]}},
    {"unit": {"$ne": "x"}},
    {"path": "co"},
    {"path": {"$in": ["y", "q"]}},
    {"name": {"$exists": True}},
    {"name": {"$exists": False}},
    {"name": None},
    {"at": None},
    {"at": {"$gte": MOMENT}},
    {"at": {"$lt": MOMENT}},
    {"next.id": "f1"},
    {"next.id": None},
    {"next.level": None},
)
CHANGES: tuple[Mapping[str, Any], ...] = (
    {"$set": {"unit": "z"}},
    {"$set": {"next.id": "f2", "new": 1}},
    {"$unset": {"at": "", "not there": ""}},
    {"$set": {"unit": "q"}, "$setOnInsert": {"made": 1}},
)


@pytest.fixture
async def mongo(mongodb_uri: str, database_name: str) -> AsyncIterator[Mongo]:
    mongo = Mongo.connect(mongodb_uri, database_name)
    await mongo.collection("things").insert_many([dict(document) for document in DOCUMENTS])
    yield mongo
    mongo.close()


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
async def test_a_question_finds_the_same_documents(mongo: Mongo, question: Mapping[str, Any]) -> None:
    there = await mongo.collection("things").find(question).to_list(None)
    here = [document for document in DOCUMENTS if matches(document, question)]
    assert sorted(each["_id"] for each in here) == sorted(each["_id"] for each in there)


@pytest.mark.parametrize("change", CHANGES, ids=str)
async def test_a_change_has_the_same_outcome(mongo: Mongo, change: Mapping[str, Any]) -> None:
    await mongo.collection("things").update_one({"_id": "a"}, change)
    assert changed(DOCUMENTS[0], change) == await mongo.collection("things").find_one({"_id": "a"})


def test_what_is_changed_does_not_change_for_others() -> None:
    before = {"_id": "a", "next": {"id": "f1"}}
    changed(before, {"$set": {"next.id": "f2"}})
    assert before == {"_id": "a", "next": {"id": "f1"}}


@pytest.mark.parametrize("question", [{"$or": [{"_id": "a"}]}, {"unit": {"$regex": "x"}}, {"path.0": "co"}])
def test_what_it_does_not_understand_it_does_not_answer(question: Mapping[str, Any]) -> None:
    with pytest.raises(BeyondMemory):
        [matches(document, question) for document in DOCUMENTS]


async def test_the_database_answers_in_its_place_with_what_was_not_written_yet(mongo: Mongo) -> None:
    memory = Memory(mongo, [Keep("things")])
    await memory.fetch()
    things = memory.collection("things")
    await things.insert_one({"_id": "d", "unit": "x1"})
    found = await things.find({"unit": {"$regex": "^x"}}).to_list(None)
    assert sorted(each["_id"] for each in found) == ["a", "d"]


async def test_a_document_that_was_forgotten_is_found_again(mongo: Mongo) -> None:
    memory = Memory(mongo, [Keep("things", by=("unit",), only=("unit", "y"))])
    await memory.fetch()
    assert list(memory.shelves["things"].documents) == ["b", "c"]
    assert await memory.collection("things").find_one({"_id": "a"}) is not None
