"""Fields that the database never sees in clear.

MongoDB's client-side field level encryption, explicit, AEAD_AES_256_CBC_HMAC_SHA_512-Random, with a data key for each
branch. The data keys lie, locked with the master key, in `key_vault` of the service's own database. They are fetched
before the encryption starts, so libmongocrypt itself never waits for the network and needs no threads.

Not promised: that a value belongs to the row in which it was found. Who may write to the database can swap two.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from pymongocrypt.errors import MongoCryptError
from pymongocrypt.mongocrypt import MongoCryptOptions
from pymongocrypt.synchronous.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.synchronous.state_machine import MongoCryptCallback, run_state_machine

from services.chassis.errors import N_, Problem
from services.chassis.mongo import (
    Binary,
    DuplicateKeyError,
    Indexes,
    IndexModel,
    Mongo,
    decode_bson,
    encode_bson,
)
from services.chassis.personal_data.master_key import MasterKey

KEY_VAULT = "key_vault"
INDEXES: Indexes = {
    KEY_VAULT: [
        IndexModel(
            "keyAltNames",
            unique=True,
            partialFilterExpression={"keyAltNames": {"$exists": True}},
            name="key_of",
        )
    ]
}

_ALGORITHM = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_KEY_KEPT_SECONDS = 60.0
_UUID_SUBTYPE = 4
_ENCRYPTED_SUBTYPE = 6
# A sealed value is one byte of algorithm, sixteen of key id, one of type, then the ciphertext.
_KEY_ID = slice(1, 17)


class Erased(Problem):
    """The key of these values was destroyed, and with it what they said."""

    status = 410
    code = "erased"
    title = N_("This personal data was erased")


class Unreadable(Exception):
    """The value is not one that this vault sealed, or somebody altered it."""


class Vault:
    """Seals and opens personal data. One for each process; it keeps data keys for a minute.

    So a field costs some 35 microseconds to seal and 20 to open, and the network is asked once a minute and branch.
    """

    def __init__(
        self, mongo: Mongo, master_key: MasterKey, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = mongo.collection(KEY_VAULT)
        self._seconds = seconds
        self._kept_since = seconds()
        self._key_of_branch: dict[str, bytes] = {}
        self._at_hand = _KeysAtHand()
        self._crypt = ExplicitEncrypter(
            self._at_hand, MongoCryptOptions({"local": {"key": master_key.secret}}, bypass_encryption=True)
        )

    async def seal(self, branch_id: str, values: Mapping[str, str]) -> dict[str, bytes]:
        """The same fields, encrypted under the branch's key, which is made when it is the first time.

        Sealing the same value twice gives two different results, so seal only what has changed.
        """
        if not values:
            return {}
        key_id = await self._key_for(branch_id)
        return {name: self._encrypt(value, key_id) for name, value in values.items()}

    async def open(self, sealed: Mapping[str, bytes]) -> dict[str, str]:
        """The fields in clear. Raises `Erased` when their key is gone, `Unreadable` when they were altered.

        Whoever shows the result to somebody goes through `Disclosure`, which masks and keeps the audit trail.
        """
        return (await self.open_all([sealed]))[0]

    async def open_all(self, rows: Sequence[Mapping[str, bytes]]) -> list[dict[str, str]]:
        """Many rows at once, in their order: one pass for a whole page of a list."""
        values = [value for row in rows for value in row.values()]
        await self._fetch({_key_id(value) for value in values})
        clear = iter(self._decrypt(values))
        return [{name: next(clear) for name in row} for row in rows]

    async def destroy(self, branch_id: str) -> None:
        """Delete the branch's key: all that was sealed with it is lost for good, wherever a copy of it lies.

        Unless the key vault was copied with it. Other processes may still hold the key for up to two minutes.
        A single person is erased by overwriting the fields.
        """
        await self._keys.delete_many({"keyAltNames": branch_id})
        self._forget()

    async def _key_for(self, branch_id: str) -> bytes:
        self._forget_after_a_while()
        known = self._key_of_branch.get(branch_id)
        if known is not None:
            return known
        document = await self._keys.find_one({"keyAltNames": branch_id})
        if document is None:
            self._crypt.create_data_key("local", key_alt_names=[branch_id])
            document = self._at_hand.take_made()
            try:
                await self._keys.insert_one(document)
            except DuplicateKeyError:  # somebody made the branch's key in the same moment
                document = await self._keys.find_one({"keyAltNames": branch_id})
                if document is None:
                    raise Erased from None
        key_id = self._at_hand.add(document)
        self._key_of_branch[branch_id] = key_id
        return key_id

    async def _fetch(self, key_ids: set[bytes]) -> None:
        self._forget_after_a_while()
        missing = self._at_hand.missing(key_ids)
        if not missing:
            return
        wanted = [Binary(key_id, _UUID_SUBTYPE) for key_id in missing]
        async for document in self._keys.find({"_id": {"$in": wanted}}):
            self._at_hand.add(document)
        if self._at_hand.missing(key_ids):
            raise Erased

    def _forget_after_a_while(self) -> None:
        if self._seconds() - self._kept_since > _KEY_KEPT_SECONDS:
            self._forget()

    def _forget(self) -> None:
        self._kept_since = self._seconds()
        self._key_of_branch.clear()
        self._at_hand.clear()

    def _encrypt(self, value: str, key_id: bytes) -> bytes:
        encrypted = self._crypt.encrypt(encode_bson({"v": value}), _ALGORITHM, key_id=key_id)
        # Plain bytes rather than the driver's Binary, which never equals the bytes read back from a record.
        return bytes(decode_bson(encrypted)["v"])

    def _decrypt(self, values: Sequence[bytes]) -> Iterable[str]:
        if not values:
            return ()
        # All in one document: one run through libmongocrypt costs half of one run for each value.
        document = encode_bson(
            {str(number): Binary(value, _ENCRYPTED_SUBTYPE) for number, value in enumerate(values)}
        )
        try:
            with self._crypt.mongocrypt.decryption_context(document) as context:
                decrypted: dict[str, Any] = decode_bson(run_state_machine(context, self._at_hand))
        except MongoCryptError as error:
            raise Unreadable("a sealed value is damaged") from error
        clear = list(decrypted.values())
        if not all(isinstance(value, str) for value in clear):
            raise Unreadable("a sealed value holds no text")
        return clear


class _KeysAtHand(MongoCryptCallback):  # type: ignore[misc]
    """What libmongocrypt may ask for while it works: locked data keys, all fetched beforehand."""

    def __init__(self) -> None:
        self._locked: dict[bytes, bytes] = {}
        self._made: dict[str, Any] | None = None

    def add(self, document: Mapping[str, Any]) -> bytes:
        key_id = bytes(document["_id"])
        self._locked[key_id] = encode_bson(document)
        return key_id

    def missing(self, key_ids: Iterable[bytes]) -> list[bytes]:
        return [key_id for key_id in key_ids if key_id not in self._locked]

    def clear(self) -> None:
        self._locked.clear()

    def take_made(self) -> dict[str, Any]:
        """The document of the data key that was made last."""
        made, self._made = self._made, None
        if made is None:
            raise RuntimeError("no data key was made")
        return made

    def fetch_keys(self, filter: bytes) -> list[bytes]:
        wanted = decode_bson(filter)["$or"][0]["_id"]["$in"]
        return [self._locked[bytes(key_id)] for key_id in wanted if bytes(key_id) in self._locked]

    def insert_data_key(self, data_key: bytes) -> bytes:
        self._made = decode_bson(data_key)
        return bytes(self._made["_id"])

    def bson_encode(self, doc: Mapping[str, Any]) -> bytes:
        return encode_bson(doc)

    def kms_request(self, kms_context: object) -> None:
        raise NotImplementedError("the master key is local")

    def collection_info(self, database: str, filter: bytes) -> None:
        raise NotImplementedError("encryption is explicit")

    def mark_command(self, database: str, cmd: bytes) -> None:
        raise NotImplementedError("encryption is explicit")

    def close(self) -> None:
        self._locked.clear()


def _key_id(sealed: bytes) -> bytes:
    if len(sealed) < _KEY_ID.stop:
        raise Unreadable("a sealed value is cut short")
    return bytes(sealed[_KEY_ID])
