"""`python -m benchmarks`: all of them, or those that are named. The figures are explained in README.md beside this."""

import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
import structlog
import uvloop
from cyclopts import App, Parameter
from rich.console import Console

from benchmarks import (
    board,
    command,
    due,
    handover,
    imports,
    leaderboard,
    matching,
    relay,
    search,
    standings,
    today,
)
from benchmarks.figures import Figure, table
from benchmarks.place import FOLDER, Place, machine, place
from deploy.local.failure import Failure
from deploy.local.screen import Screen

Measure = Callable[[Place], Awaitable[list[Figure]]]


@dataclass(frozen=True)
class Benchmark:
    """One of them: what it measures, and how; `full` and `tiny` where another size makes sense."""

    title: str
    short: Measure
    tiny: Measure
    full: Measure | None = None


BENCHMARKS: Mapping[str, Benchmark] = {
    "board": Benchmark(board.TITLE, board.measure, lambda place: board.measure(place, board.TINY)),
    "leaderboard": Benchmark(
        leaderboard.TITLE, leaderboard.measure, lambda place: leaderboard.measure(place, leaderboard.TINY)
    ),
    "command": Benchmark(command.TITLE, command.measure, lambda place: command.measure(place, command.TINY)),
    "standings": Benchmark(
        standings.TITLE, standings.measure, lambda place: standings.measure(place, standings.TINY)
    ),
    "due": Benchmark(
        due.TITLE,
        due.measure,
        lambda place: due.measure(place, due.TINY),
        lambda place: due.measure(place, due.FULL),
    ),
    "matching": Benchmark(
        matching.TITLE,
        matching.measure,
        lambda place: matching.measure(place, matching.TINY),
        lambda place: matching.measure(place, matching.FULL),
    ),
    "imports": Benchmark(
        imports.TITLE,
        imports.measure,
        lambda place: imports.measure(place, imports.TINY),
        lambda place: imports.measure(place, imports.FULL),
    ),
    "today": Benchmark(
        today.TITLE,
        today.measure,
        lambda place: today.measure(place, today.TINY),
        lambda place: today.measure(place, today.FULL),
    ),
    "search": Benchmark(
        search.TITLE,
        search.measure,
        lambda place: search.measure(place, search.TINY),
        lambda place: search.measure(place, search.FULL),
    ),
    "handover": Benchmark(
        handover.TITLE,
        handover.measure,
        lambda place: handover.measure(place, handover.TINY),
        lambda place: handover.measure(place, handover.FULL),
    ),
    "relay": Benchmark(relay.TITLE, relay.measure, lambda place: relay.measure(place, relay.TINY)),
}

app = App(name="python -m benchmarks", help="Measures Muster on this machine.", version_flags=[])


@app.default
def main(*names: str, full: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Run them one after the other and print one table; the exit code is 0 also when an aim is missed.

    Parameters
    ----------
    names
        board, leaderboard, command, standings, due, matching, imports, today, search, handover, relay; all when
        none is named.
    full
        At full size where there is one: `due` with 100,000 follow-ups in a minute,
        `matching` with 100,000 listings and 1,000,000 needs, `imports` with 50,000 rows.
    """
    if unknown := set(names) - BENCHMARKS.keys():
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}.")
        return 2
    _be_quiet()
    screen = Screen()
    try:
        with place(screen) as servers:
            said = uvloop.run(machine(servers))
            found: dict[str, Sequence[Figure]] = {}
            for name in names or BENCHMARKS:
                benchmark = BENCHMARKS[name]
                with screen.step(f"{name}: {benchmark.title}"):
                    measure = benchmark.full if full and benchmark.full else benchmark.short
                    found[name] = uvloop.run(_measured(measure, servers))
    except Failure as failure:
        screen.failed(failure)
        return 1
    _say(said, found)
    return 0


async def _measured(measure: Measure, servers: Place) -> list[Figure]:
    return await measure(servers)


def _say(said: Mapping[str, Any], found: Mapping[str, Sequence[Figure]]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table(found))
    print(
        f"{said['processor']}, {said['cores']} cores, {said['memory']}; {said['system']}; Python {said['python']}, "
        f"MongoDB {said['mongodb']}, Kafka {said['kafka']}; load before {said['load_before']}; {said['at']}"
    )
    results = FOLDER / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    facts = {
        "machine": said,
        "benchmarks": {
            name: {
                "title": BENCHMARKS[name].title,
                "figures": [figure.facts() for figure in figures],
            }
            for name, figures in found.items()
        },
    }
    results.write_bytes(orjson.dumps(facts, option=orjson.OPT_INDENT_2))
    print(f"Round by round: {results}")


def _be_quiet() -> None:
    """Only what is wrong."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    for name in ("aiokafka", "faust", "mode"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


if __name__ == "__main__":
    sys.exit(app())
