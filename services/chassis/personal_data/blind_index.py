"""Finding encrypted data without opening it: keyed hashes that are the same whenever the words are.

A hash is HMAC-SHA256 under a key that derives from the master key for one scope and purpose, so hashes of one
service or purpose say nothing about those of another, and without the master key they cannot be guessed from a list
of names. What they do tell who reads the database: that two rows share a phone, or a beginning of the name.
"""

import base64
import hmac

from services.chassis.errors import Invalid
from services.chassis.personal_data.master_key import MasterKey
from services.chassis.personal_data.names import plain, search_keys
from services.chassis.personal_data.phones import last_four, normalise_phone

_EQUALITY_BYTES = 16
_SEARCH_BYTES = 9


class BlindIndex:
    """Hashes for one scope, for example `clients`: keep `phone` in a field, `search_tokens` in an indexed array."""

    def __init__(self, master_key: MasterKey, scope: str) -> None:
        self._phone_key = master_key.derive(f"blind-index/{scope}/phone")
        self._search_key = master_key.derive(f"blind-index/{scope}/search")
        self._word_key = master_key.derive(f"blind-index/{scope}/word")

    def phone(self, phone: str) -> str:
        """Equal for two spellings of one number. Raises `Invalid` for what is no phone number."""
        return _hash(self._phone_key, normalise_phone(phone), _EQUALITY_BYTES)

    def word(self, purpose: str, word: str) -> str:
        """Equal for equal words of one purpose, such as the day of a birthday; of few words it tells who shares one."""
        return _hash(self._word_key, f"{purpose}/{word}", _EQUALITY_BYTES)

    def search_tokens(self, name: str, phone: str | None = None) -> list[str]:
        """Sorted hashes, one of which equals `search_token` of anything that should find this person."""
        keys = set(search_keys(name))
        if phone is not None:
            number = normalise_phone(phone)
            keys |= {last_four(number), number}
        return sorted(_hash(self._search_key, key, _SEARCH_BYTES) for key in keys)

    def search_token(self, typed: str) -> str | None:
        """The hash to look up for what somebody typed: `{"search": token}`; None when it says nothing.

        Part of a name in characters, pinyin or initials, the last four digits of a phone, or a whole phone.
        """
        text = plain(typed)
        if text.isdecimal() and len(text) > 4:
            try:
                text = normalise_phone(typed)
            except Invalid:
                return None
        return _hash(self._search_key, text, _SEARCH_BYTES) if text else None


def _hash(key: bytes, message: str, size: int) -> str:
    digest = hmac.digest(key, message.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:size]).decode().rstrip("=")
