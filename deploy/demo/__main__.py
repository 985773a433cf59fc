"""`python -m deploy.demo small` or `full`: brings the demo company into the databases that the environment names."""

import asyncio
import gc
import sys
import time
from datetime import date
from typing import Literal

import uvloop
from aiokafka.errors import KafkaError
from cyclopts import App
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from deploy.demo.company import DEFAULT_SEED, Company, generate
from deploy.demo.load import Runtimes, load_company
from deploy.demo.load_arrival import Arrival, OnTheWay
from deploy.demo.load_record import DATABASE, Load, Records
from deploy.demo.scale import SCALES
from deploy.local.screen import Screen
from services.chassis.clock import utc_now
from services.chassis.errors import Problem
from services.chassis.mongo import Mongo, PyMongoError
from services.chassis.personal_data import MasterKey, PersonalDataSettings
from services.chassis.settings import UnsafeSettings
from services.clients import app as clients
from services.notifications import app as notifications
from services.recruiting import app as recruiting
from services.training import app as training

SEEDS = {"small": DEFAULT_SEED, "full": DEFAULT_SEED + 1}
"""Different ones, so that the full company can stand beside the small one."""
PATIENCE = 30.0
"""Seconds for which events may stand still before we stop watching them."""
LOOK_EVERY = 0.5

app = App(name="python -m deploy.demo", help="The demo company.", version_flags=[])


class Refused(Exception):
    """It is not done, and the text says why."""


@app.default
def main(size: Literal["small", "full"], *, seed: int | None = None) -> int:
    """Load the company, or what an interrupted load left out.

    Parameters
    ----------
    size: small has 60 people and 500 clients; full has 600 people, 20,000 clients and half a year.
    seed: another number makes another company.
    """
    console = Console(highlight=False)
    try:
        uvloop.run(_load(size, seed, console))
    except (Refused, UnsafeSettings, Problem) as refused:
        console.print(f"  [red]✗[/] {escape(str(refused))}", soft_wrap=True)
        return 1
    except PyMongoError as error:
        console.print(f"  [red]✗[/] The database does not answer: {escape(str(error))}", soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("  Interrupted; the same command goes on from here.")
        return 130
    return 0


async def _load(size: str, seed: int | None, console: Console) -> None:
    key = PersonalDataSettings().key()
    runtimes = Runtimes.of_environment()
    settings = runtimes.recruiting.mongodb
    beside = Mongo.connect(settings.uri.get_secret_value(), settings.database(DATABASE))
    records = Records(beside)
    try:
        await runtimes.prepare()
        await records.prepare()
        found = await _present(size, seed, records, runtimes.recruiting.mongo)
        if found is not None and found.complete:
            console.print(
                f"  The {size} demo company is here already, with its history up to {found.until:%F}."
            )
            return
        company = _made(size, seed if found is None else found.seed, found, console)
        load = found or await _begun(company, records)
        if len(company.commands) != load.commands:
            raise Refused(
                "The demo company was begun by another version of Muster; `make clean-data` removes it."
            )
        await _play(company, load, records, runtimes, key, console)
        await _watch(runtimes, console)
    finally:
        beside.close()
        runtimes.close()


async def _present(size: str, seed: int | None, records: Records, recruiting: Mongo) -> Load | None:
    """The load of this size that was begun, or None. Raises `Refused` where there is something else."""
    loads = await records.all()
    ours = [load.company_id for load in loads.values()]
    others = {"kind": "company", "_id": {"$nin": ours}}
    foreign = await recruiting.collection("org_units").find_one(others)
    if foreign is not None:
        raise Refused(
            f"There is a company here, {foreign['name']}, and the demo does not come between its data."
        )
    found = loads.get(size)
    if found is not None and seed not in (None, found.seed):
        raise Refused(f"The {size} demo company is here already, from seed {found.seed}.")
    return found


def _made(size: str, seed: int | None, found: Load | None, console: Console) -> Company:
    until = utc_now() if found is None else found.until
    with Screen(console).step(f"Making up the {size} demo company"):
        company = generate(SEEDS[size] if seed is None else seed, SCALES[size], until)
    # nothing of it goes away before the end, so there is no use in looking for garbage in it again and again
    gc.collect()
    gc.freeze()
    return company


async def _begun(company: Company, records: Records) -> Load:
    load = Load(
        size=company.scale.name,
        seed=company.seed,
        until=company.until,
        company_id=company.staff.company.id,
        commands=len(company.commands),
    )
    await records.begin(load)
    return load


async def _play(
    company: Company, load: Load, records: Records, runtimes: Runtimes, key: MasterKey, console: Console
) -> None:
    began = time.monotonic()
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[day]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        done = sum((await records.progress(load)).values())
        bar = progress.add_task("Playing its history", total=load.commands, completed=done, day="")

        def advanced(count: int, day: date) -> None:
            progress.update(bar, advance=count, day=f"{day:%F}")

        await load_company(company, load, records, runtimes, key, advanced)
    seconds = time.monotonic() - began
    people, clients = company.scale.people, company.scale.clients
    console.print(
        f"  [green]✓[/] {people} people, {clients:,} clients and {company.scale.days} days "
        f"in {load.commands:,} commands [dim]({seconds:.1f} s)[/]",
        soft_wrap=True,
    )


async def _watch(runtimes: Runtimes, console: Console) -> None:
    """Show how the events travel, until all have arrived or none moves any more."""
    reading = (recruiting, training, clients, notifications)
    readers = {one.DEFINITION.name: one.subscription(one.DEFINITION.runtime()).topics for one in reading}
    arrival = Arrival([runtime.mongo for runtime in runtimes], runtimes.recruiting.kafka, readers)
    began = time.monotonic()
    try:
        async with arrival.watched():
            arrived = await _all_arrived(arrival, console)
    except (KafkaError, OSError):
        arrived = False
    if arrived:
        console.print(
            f"  [green]✓[/] Its events have arrived everywhere [dim]({time.monotonic() - began:.1f} s)[/]"
        )
    else:
        console.print("  [yellow]·[/] Its events go out, and boards fill, as soon as the services run.")


async def _all_arrived(arrival: Arrival, console: Console) -> bool:
    """Whether all events arrived; False when nothing has moved for a while."""
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        bars: dict[str, TaskID] = {}
        most: dict[str, int] = {}
        before, moved = None, time.monotonic()
        while not (now := await arrival.look()).arrived:
            if now != before:
                before, moved = now, time.monotonic()
            elif time.monotonic() - moved > PATIENCE:
                return False
            for what, left in _left(now).items():
                most[what] = max(most.get(what, 0), left)
                if what not in bars and left:
                    bars[what] = progress.add_task(what)
                if what in bars:
                    progress.update(bars[what], total=most[what], completed=most[what] - left)
            await asyncio.sleep(LOOK_EVERY)
    return True


def _left(now: OnTheWay) -> dict[str, int]:
    reading = {f"Events read by {service}": unread for service, unread in now.unread.items()}
    return {"Events sent": now.unsent, **reading}


if __name__ == "__main__":
    sys.exit(app(result_action="return_value"))
