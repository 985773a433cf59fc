"""What routes ask for costs no more than it does."""

import inspect
from typing import get_args

import pytest
from fastapi.params import Depends

from services.chassis.web import dependencies, versions

ASKED_FOR = [
    (name, each.dependency)
    for module in (dependencies, versions)
    for name, annotated in vars(module).items()
    for each in get_args(annotated)[1:]
    if isinstance(each, Depends)
]


def test_there_are_dependencies_to_look_at() -> None:
    assert {"Visitor", "Store", "Work", "Once", "Page", "ExpectedVersion"} <= {name for name, _ in ASKED_FOR}


@pytest.mark.parametrize(("name", "dependency"), ASKED_FOR)
def test_none_is_run_in_a_thread(name: str, dependency: object) -> None:
    """FastAPI does so with every function that is not async, which takes longer than a query."""
    assert inspect.iscoroutinefunction(dependency), name
