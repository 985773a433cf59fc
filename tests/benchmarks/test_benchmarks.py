"""Every benchmark runs, with sizes so small that its figures mean nothing, so that none rots unseen."""

from math import isfinite
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from benchmarks.__main__ import BENCHMARKS
from benchmarks.figures import Aim, Figure, percentile, shown, table
from benchmarks.place import Place, machine


@pytest.fixture
def place(kafka_bootstrap: str, mongodb_uri: str, tmp_path: Path) -> Place:
    return Place(kafka_bootstrap, mongodb_uri, tmp_path)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", BENCHMARKS)
async def test_it_measures_what_it_says(name: str, place: Place) -> None:
    figures = await BENCHMARKS[name].tiny(place)
    assert figures
    for figure in figures:
        assert figure.rounds, figure.what
        assert all(isfinite(each) and each >= 0 for each in figure.rounds), figure
        assert figure.unit != "/s" or figure.value > 0, figure


async def test_the_machine_is_named(place: Place) -> None:
    said = await machine(place)
    assert said["cores"] > 0
    assert said["mongodb"].startswith("6.")


def test_a_figure_is_the_median_of_its_rounds_and_is_held_against_its_aim() -> None:
    slow = Figure("late by", "ms", (400.0, 900.0, 2_500.0), Aim(at_most=500))
    assert slow.value == 900
    assert slow.is_met is False
    assert Figure("ratio", "×", (0.97, 1.1), Aim(at_least=0.95)).is_met is True
    assert Figure("pace", "/s", (1.0,)).is_met is None
    facts = orjson.loads(orjson.dumps(slow.facts()))
    assert (facts["median"], facts["aim"], facts["met"]) == (900, "≤ 500", False)


def test_the_table_shows_every_figure_with_three_digits() -> None:
    console = Console(width=120, record=True, quiet=False)
    console.print(table({"board": [Figure("late by", "ms", (12_345.6,)), Figure("pace", "/s", (0.12345,))]}))
    text = console.export_text()
    assert "12,346 ms" in text
    assert "0.123 /s" in text


def test_percentiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 3.0, 2.0, 4.0]
    assert percentile(values, 0.5) == 3.0
    assert percentile(values, 0.99) == 5.0
    assert shown(0) == "0"
