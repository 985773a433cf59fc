"""Finding the person behind an address at sign-in."""

import hmac

from services.chassis.mongo import Mongo
from services.chassis.personal_data import MasterKey
from services.recruiting.people import store


class EmailIndex:
    """Work addresses as keyed hashes: enough to find who signs in, useless to who reads the database."""

    def __init__(self, master_key: MasterKey) -> None:
        self._key = master_key.derive("blind-index/people/email")

    def of(self, email: str) -> str:
        """Equal for two spellings of one address."""
        return hmac.digest(self._key, email.strip().casefold().encode(), "sha256").hex()[:32]

    async def person_id(self, mongo: Mongo, email: str) -> str | None:
        """The id of the person with this address, or None."""
        return await store.id_by_email(mongo.database, self.of(email))
