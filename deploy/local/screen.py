"""What the person at the terminal reads."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.local.failure import Failure, last_lines
from deploy.local.home import shown


class Screen:
    """Says what is being done, how long it took, and where to look."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)

    def say(self, text: str) -> None:
        """One line."""
        self._console.print(f"  [yellow]·[/] {escape(text)}", soft_wrap=True)

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Something that takes a moment: a spinner while it lasts, a tick with the seconds when it is done."""
        begun = time.monotonic()
        with self._console.status(f"{escape(what)} ..."):
            yield
        self._console.print(
            f"  [green]✓[/] {escape(what)} [dim]({time.monotonic() - begun:.1f} s)[/]", soft_wrap=True
        )

    def counted(self, what: str, total: int, done: Iterable[str]) -> None:
        """A bar that moves on by one for each name that `done` yields."""
        begun = time.monotonic()
        columns = (
            TextColumn("  {task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[last]}"),
        )
        with Progress(*columns, console=self._console, transient=True) as progress:
            bar = progress.add_task(escape(what), total=total, last="")
            for name in done:
                progress.update(bar, advance=1, last=escape(name))
        self._console.print(
            f"  [green]✓[/] {escape(what)} [dim]({time.monotonic() - begun:.1f} s)[/]", soft_wrap=True
        )

    def where_to_look(self, title: str, rows: list[tuple[str, str]]) -> None:
        """The last thing of a start: a small table of places."""
        width = max(len(name) for name, _ in rows)
        text = "\n".join(f"[bold]{escape(name):<{width}}[/]  {escape(place)}" for name, place in rows)
        self._console.print(Panel(text, title=escape(title), border_style="green", expand=False))

    def failed(self, failure: Failure) -> None:
        """Why it did not work, with the last lines of the log that tells more."""
        self._console.print(f"  [red]✗[/] {escape(failure.message)}", soft_wrap=True)
        if failure.log is None:
            return
        for line in last_lines(failure.log):
            self._console.print(f"    [dim]{escape(line[:300])}[/]", soft_wrap=True)
        self._console.print(f"    The whole log: {escape(shown(failure.log))}", soft_wrap=True)
