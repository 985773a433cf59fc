"""How personal data looks to whom it does not belong. Pure: decided here, before anything reaches a page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

HIDDEN = "***"

_PAIRS = (
    "欧阳司马上官诸葛东方皇甫尉迟公孙慕容令狐宇文长孙司徒司空夏侯轩辕端木百里东郭南宫"
    "呼延申屠万俟澹台闻人赫连太史淳于单于宗政濮阳钟离鲜于闾丘亓官独孤拓跋西门第五"
)
COMPOUND_SURNAMES = frozenset(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))
"""复姓: surnames of two characters."""

_PROVINCE = r"(?:[^省区市县\d]{2,6}(?:省|自治区|特别行政区))?"
_CITY = r"(?:[^市区县\d]{2,7}?(?:市|自治州|地区|盟))?"
# 区 also ends words for a housing estate, a campus, a park; those stand inside the district and stay hidden.
_DISTRICT = r"(?:[^区县旗市\d]{1,6}(?:(?<![小园校厂社景库矿])区|县|旗|市))?"
_DOWN_TO_DISTRICT = re.compile(_PROVINCE + _CITY + _DISTRICT)


class Kind(StrEnum):
    """What a field says, and so how it is hidden."""

    NAME = "name"
    PHONE = "phone"
    ADDRESS = "address"
    OTHER = "other"
    """Income, birthday, notes: of these nothing is shown."""


class Level(StrEnum):
    """How much of it a reader gets."""

    FULL = "full"
    """As it is; every such look goes into the audit trail."""
    MASKED = "masked"
    """Enough to recognise somebody one already knows."""
    NONE = "none"
    """Not even that there is something."""


@dataclass(frozen=True)
class Masking:
    """One level for a whole set of fields."""

    level: Level

    def field(self, kind: Kind, value: str) -> str | None:
        """The value as this reader may see it, or None."""
        if self.level is Level.FULL:
            return value
        if self.level is Level.NONE:
            return None
        return _MASKS[kind](value)

    def fields(self, kinds: Mapping[str, Kind], values: Mapping[str, str]) -> dict[str, str]:
        """The fields that this reader may see; a name that `kinds` does not list counts as `Kind.OTHER`."""
        shown = {name: self.field(kinds.get(name, Kind.OTHER), value) for name, value in values.items()}
        return {name: value for name, value in shown.items() if value is not None}


def mask_phone(phone: str) -> str:
    """138****1234; of a number too short to hide four digits in, nothing."""
    digits = "".join(character for character in phone if character.isdigit())
    if len(digits) < 11:
        return HIDDEN
    return f"{digits[-11:-8]}****{digits[-4:]}"


def surname_of(name: str) -> str:
    """The surname: the first character, or two where they are a compound surname (复姓) with something after."""
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]


def mask_name(name: str) -> str:
    """The surname and a star for each further character: 王**, 欧阳*; of other scripts the first letter: J***."""
    name = name.strip()
    if not name:
        return HIDDEN
    if not _is_chinese(name[0]):
        return name[0] + HIDDEN
    surname = surname_of(name)
    return surname + "*" * max(1, len(name) - len(surname))


def mask_address(address: str) -> str:
    """Down to the district: 上海市静安区***; where none is recognised, nothing."""
    found = _DOWN_TO_DISTRICT.match(address.strip())
    return (found.group() if found else "") + HIDDEN


def _is_chinese(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def _mask_all(_: str) -> str:
    return HIDDEN


_MASKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.NAME: mask_name,
    Kind.PHONE: mask_phone,
    Kind.ADDRESS: mask_address,
    Kind.OTHER: _mask_all,
}
