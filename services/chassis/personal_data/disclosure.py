"""The one door by which personal data leaves the store: opened, masked by level, and full looks written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.mongo import Database, Session
from services.chassis.personal_data.audit import Did, Look, Viewer, record_looks
from services.chassis.personal_data.masking import Kind, Level, Masking
from services.chassis.personal_data.vault import Vault


@dataclass(frozen=True)
class Sealed:
    """One person's fields as the store keeps them, and how much of them this reader may see."""

    whose: str
    fields: Mapping[str, bytes]
    level: Level


class Disclosure:
    """Shows fields of one kind of record; `kinds` say how each is masked."""

    def __init__(self, vault: Vault, database: Database, kinds: Mapping[str, Kind]) -> None:
        self._vault = vault
        self._database = database
        self._kinds = kinds

    async def show(
        self,
        rows: Sequence[Sealed],
        viewer: Viewer,
        now: datetime,
        session: Session | None = None,
        did: Did = Did.SAW,
    ) -> list[dict[str, str]]:
        """What the viewer may see of each row, in order; a field that they may not see is not in it.

        The audit trail has its entries before this returns: if it cannot be written, nothing is shown.
        """
        hidden: Mapping[str, bytes] = {}
        clear = await self._vault.open_all(
            [row.fields if row.level is not Level.NONE else hidden for row in rows]
        )
        looks = [
            Look(row.whose, tuple(sorted(row.fields)))
            for row in rows
            if row.level is Level.FULL and row.fields
        ]
        await record_looks(self._database, viewer, looks, now, session, did)
        return [
            Masking(row.level).fields(self._kinds, values) for row, values in zip(rows, clear, strict=True)
        ]
