"""Personal data of candidates: sealed on the way in, masked by role on the way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.access import Access
from services.chassis.mongo import Database
from services.chassis.personal_data import (
    BlindIndex,
    Disclosure,
    Kind,
    Level,
    MasterKey,
    Sealed,
    Vault,
    Viewer,
    normalise_phone,
)
from services.contracts.organisation import Role

KINDS: Mapping[str, Kind] = {"name": Kind.NAME, "phone": Kind.PHONE}

RECRUITERS = (Role.TRAINER, Role.BRANCH_MANAGER)
"""Who works with candidates of a branch; everybody above sees them masked."""


@dataclass(frozen=True)
class SealedCandidate:
    """What the store keeps of a candidate's personal data."""

    fields: Mapping[str, bytes]
    phone_index: str
    search_tokens: tuple[str, ...]


class CandidateFiles:
    """Seals and shows the personal data of candidates."""

    def __init__(self, vault: Vault, master_key: MasterKey, database: Database) -> None:
        self._vault = vault
        self._index = BlindIndex(master_key, "candidates")
        self._disclosure = Disclosure(vault, database, KINDS)

    async def seal(self, branch_id: str, name: str, phone: str) -> SealedCandidate:
        """The name and phone, sealed with the branch's key. Raises `Invalid` for what is no phone number."""
        number = normalise_phone(phone)
        return SealedCandidate(
            fields=await self._vault.seal(branch_id, {"name": name.strip(), "phone": number}),
            phone_index=self._index.phone(number),
            search_tokens=tuple(self._index.search_tokens(name.strip(), number)),
        )

    async def name(self, sealed: Mapping[str, bytes]) -> str:
        """The name in clear, for the agent's file that hiring opens. It goes into no answer, so nothing is audited."""
        return (await self._vault.open({"name": sealed["name"]}))["name"]

    def search_token(self, typed: str) -> str | None:
        """The token to look up for what somebody typed, or None when it says nothing."""
        return self._index.search_token(typed)

    async def names(
        self,
        rows: Sequence[tuple[str, Mapping[str, bytes], Sequence[str]]],
        access: Access,
        route: str,
        now: datetime,
    ) -> dict[str, str]:
        """Names by candidate id, for rows of (id, sealed fields, org path): in full for who recruits there."""
        sealed = [Sealed(id_, {"name": fields["name"]}, level(access, path)) for id_, fields, path in rows]
        shown = await self._disclosure.show(sealed, Viewer(access.person_id, route), now)
        return {row.whose: values["name"] for row, values in zip(sealed, shown, strict=True)}

    async def contact(
        self,
        id_: str,
        fields: Mapping[str, bytes],
        path: Sequence[str],
        access: Access,
        route: str,
        now: datetime,
    ) -> dict[str, str]:
        """Name and phone of one candidate as this person may see them; a full look is in the audit trail."""
        sealed = Sealed(id_, fields, level(access, path))
        return (await self._disclosure.show([sealed], Viewer(access.person_id, route), now))[0]


def level(access: Access, org_path: Sequence[str]) -> Level:
    """How much of a candidate's personal data somebody sees."""
    return Level.FULL if access.may(*RECRUITERS, at=org_path) else Level.MASKED
