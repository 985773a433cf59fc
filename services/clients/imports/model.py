"""Imports (导入): a file of old clients is checked, read in, and can be taken back for a week. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.chassis.errors import N_, Conflict, FieldError, Invalid
from services.clients.imports.columns import Column

ROWS_A_CHUNK = 250
"""As many rows are one sealed piece of the file, and one transaction."""
MOST_ROWS = 100_000
MOST_BYTES = 24_000_000
FILE_KEPT = timedelta(days=9)
"""What was uploaded is forgotten after that, by itself."""
UNDONE_WITHIN = timedelta(days=7)


class Stage(StrEnum):
    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


AT_WORK = (Stage.CHECKING, Stage.RUNNING, Stage.UNDOING)


class Choice(StrEnum):
    """What is done with a row whose client the company knows already."""

    SKIP = "skip"
    FILL = "fill"
    """What is empty in the client's file is filled from the row; nothing is overwritten."""
    TAKE = "take"
    """A client who lies in the pool is taken out of it, by the rules of the pool."""


class Outcome(StrEnum):
    """What came of a row. The first four are found out by the check, the others by the run and by taking back."""

    NEW = "new"
    KNOWN = "known"
    """The company has a client with one of these phones."""
    DOUBLE = "double"
    """A row further up has one of these phones."""
    WRONG = "wrong"
    CREATED = "created"
    FILLED = "filled"
    TAKEN = "taken"
    SKIPPED = "skipped"
    REMOVED = "removed"
    """Taken back."""
    KEPT = "kept"
    """Could not be taken back: somebody has worked with it."""


FOUND = (Outcome.NEW, Outcome.KNOWN, Outcome.DOUBLE, Outcome.WRONG)
MADE = (Outcome.CREATED, Outcome.FILLED, Outcome.TAKEN)


@dataclass(frozen=True)
class Import:
    """One file, and how far it has come."""

    id: str
    person_id: str
    org_path: tuple[str, ...]
    sealed: dict[str, bytes]
    """`name` of the file, its `headers` and the first rows (`sample`), as JSON: a file without headings has people
    where headings belong."""
    rows: int
    chunks: int
    uploaded_at: datetime
    expires_at: datetime
    """When the file is forgotten."""
    columns: tuple[Column | None, ...]
    """What each column means; None: nothing of it is taken."""
    key: str
    """By which an upload that is sent twice is one."""
    encoding: str = ""
    stage: Stage = Stage.UPLOADED
    attempt: int = 0
    """How often it was started; work that belongs to an earlier start is not done any more."""
    checked: int = 0
    """The start that checked it last: what came of the rows is kept for each check."""
    choice: Choice = Choice.SKIP
    owner_id: str = ""
    """Whose clients they become where the file does not say it."""
    position: int = 0
    """Chunks that are done in this stage."""
    worked: int = 0
    """Rows that are done in this stage."""
    counts: dict[str, int] = field(default_factory=dict)
    """By outcome, of the check and of the run."""
    finished_at: datetime | None = None

    @property
    def findings(self) -> str:
        """Under which name what came of the rows is kept."""
        return f"{self.id}:{self.checked}"

    @property
    def total(self) -> int:
        """How many rows the present stage has to do."""
        if self.stage in (Stage.UNDOING, Stage.UNDONE):
            return sum(self.counts.get(each, 0) for each in (*MADE, Outcome.REMOVED, Outcome.KEPT))
        return self.rows

    @property
    def share(self) -> float:
        """How far the present stage is, 0 to 1."""
        return min(1.0, self.worked / self.total) if self.total else 1.0

    def count(self, *outcomes: Outcome) -> int:
        """How many rows have one of these outcomes."""
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    def may_be_undone(self, now: datetime) -> bool:
        """Whether there is something to take back, and still time for it."""
        in_time = self.finished_at is not None and now < self.finished_at + UNDONE_WITHIN
        return self.stage is Stage.DONE and in_time and self.count(Outcome.CREATED, Outcome.FILLED) > 0


def checking(
    import_: Import, columns: Sequence[Column | None], choice: Choice, owner_id: str, now: datetime
) -> Import:
    """The import with another mapping, being checked. Raises `Conflict` once it runs, `Invalid` for the mapping."""
    if import_.stage not in (Stage.UPLOADED, Stage.CHECKED, Stage.CHECKING) or now >= import_.expires_at:
        raise Conflict(N_("This file was read in already; upload it again for another import"))
    named = [column for column in columns if column is not None]
    errors = []
    if len(columns) != len(import_.columns):
        errors.append(FieldError("/columns", N_("Say of each column what it means")))
    elif Column.NAME not in named:
        errors.append(FieldError("/columns", N_("One column must be the name")))
    elif len(set(named)) != len(named):
        errors.append(FieldError("/columns", N_("Two columns mean the same")))
    if errors:
        raise Invalid(errors=errors)
    return replace(
        import_,
        stage=Stage.CHECKING,
        attempt=import_.attempt + 1,
        checked=import_.attempt + 1,
        columns=tuple(columns),
        choice=choice,
        owner_id=owner_id,
        position=0,
        worked=0,
        counts={},
    )


def running(import_: Import, now: datetime) -> Import:
    """The import being read in. Raises `Conflict` when it was not checked."""
    if import_.stage is not Stage.CHECKED or now >= import_.expires_at:
        raise Conflict(N_("Only a file that was checked can be read in"))
    return replace(import_, stage=Stage.RUNNING, attempt=import_.attempt + 1, position=0, worked=0, counts={})


def undoing(import_: Import, now: datetime) -> Import:
    """The import being taken back. Raises `Conflict` after a week, or when there is nothing to take back."""
    if not import_.may_be_undone(now):
        raise Conflict(N_("This import can no longer be taken back"))
    return replace(import_, stage=Stage.UNDOING, attempt=import_.attempt + 1, position=0, worked=0)


def worked(import_: Import, rows: int, outcomes: Sequence[Outcome], now: datetime) -> Import:
    """The import after one more chunk of its present stage; the last one ends the stage."""
    counts = dict(import_.counts)
    for outcome in outcomes:
        counts[outcome] = counts.get(outcome, 0) + 1
    position = import_.position + 1
    after = replace(import_, counts=counts, position=position, worked=import_.worked + rows)
    if import_.stage in (Stage.CHECKING, Stage.RUNNING) and position >= import_.chunks:
        return ended(after, now)
    return after


def taken_back(import_: Import, before: Sequence[Outcome], after: Sequence[Outcome]) -> Import:
    """The import after some of its rows were taken back; each row counts where it is now."""
    counts = dict(import_.counts)
    for outcome in before:
        counts[outcome] -= 1
    for outcome in after:
        counts[outcome] = counts.get(outcome, 0) + 1
    return replace(import_, counts=counts, position=import_.position + 1, worked=import_.worked + len(after))


def ended(import_: Import, now: datetime) -> Import:
    """The import at the end of what it is doing."""
    after = {Stage.CHECKING: Stage.CHECKED, Stage.RUNNING: Stage.DONE, Stage.UNDOING: Stage.UNDONE}
    return replace(import_, stage=after[import_.stage], finished_at=now)
