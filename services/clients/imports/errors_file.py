"""What was not read in, as a file like the one that came, with the reason at the end of each line."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence

from services.chassis.errors import N_
from services.chassis.mongo import Mongo
from services.chassis.personal_data.vault import Vault
from services.clients.imports import store
from services.clients.imports.model import Import, Outcome
from services.clients.imports.store import Finding
from services.clients.imports.words import COLUMNS, OUTCOMES

Say = Callable[..., str]

LEFT = (Outcome.WRONG, Outcome.DOUBLE, Outcome.KNOWN, Outcome.SKIPPED, Outcome.KEPT)
_FORMULA = ("=", "@", "+", "-", "\t", "\r")


async def lines(
    mongo: Mongo, vault: Vault, import_: Import, headings: Sequence[str], say: Say
) -> AsyncIterator[str]:
    """The file, piece by piece; utf-8 with the mark that makes spreadsheets see it."""
    yield "\ufeff" + _line([*headings, say(N_("Row")), say(N_("Reason"))])
    for number in range(import_.chunks):
        rows = await store.chunk(mongo, vault, import_.id, number)
        found = await store.told(mongo, import_.findings, [row.number for row in rows])
        some = [
            _line([*row.cells, str(row.number), reason_of(found[row.number], say)])
            for row in rows
            if row.number in found and found[row.number].outcome in LEFT
        ]
        if some:
            yield "".join(some)


def reason_of(finding: Finding, say: Say) -> str:
    """Why a row was not read in, in words."""
    if finding.outcome is Outcome.DOUBLE:
        return say(N_("The same phone stands in row %(row)s"), row=finding.reasons[0][1])
    if not finding.reasons:
        return say(OUTCOMES[finding.outcome])
    return "; ".join(
        f"{say(COLUMNS[column])}: {say(words)}" if column in COLUMNS else say(words)
        for column, words in finding.reasons
    )


def _line(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_harmless(cell) for cell in cells])
    return written.getvalue()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; numbers with a sign stay as they are."""
    if cell.startswith(_FORMULA) and not cell[1:].replace(" ", "").replace("-", "").isdecimal():
        return "'" + cell
    return cell
