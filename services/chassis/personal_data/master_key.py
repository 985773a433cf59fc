"""The one secret of an installation, from which every other key comes."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import EnvironmentName, Settings

MASTER_KEY_BYTES = 96
_DEVELOPMENT_KEY = base64.b64encode((b"muster development only " * 4)[:MASTER_KEY_BYTES]).decode()


@dataclass(frozen=True)
class MasterKey:
    """96 secret bytes: they lock the data keys of the branches, and the keys of the blind index derive from them."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != MASTER_KEY_BYTES:
            raise ValueError(f"a master key has {MASTER_KEY_BYTES} bytes, not {len(self.secret)}")

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for this purpose alone (HKDF-SHA256); knowing it tells nothing about another one."""
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"muster/" + purpose.encode()).derive(
            self.secret
        )


class PersonalDataSettings(Settings):
    """`MUSTER_MASTER_KEY`: 96 random bytes in base64, for example from `openssl rand -base64 96 | tr -d '\\n'`.

    To try things out, a key that everybody can read in this file will do; production does not start with it.
    """

    model_config = SettingsConfigDict(env_prefix="MUSTER_", hide_input_in_errors=True)

    environment: EnvironmentName = EnvironmentName.LOCAL
    master_key: SecretStr = SecretStr(_DEVELOPMENT_KEY)

    @field_validator("master_key")
    @classmethod
    def _has_the_right_length(cls, value: SecretStr) -> SecretStr:
        try:
            decoded = base64.b64decode(value.get_secret_value(), validate=True)
        except binascii.Error as error:
            raise ValueError("MUSTER_MASTER_KEY is not base64") from error
        if len(decoded) != MASTER_KEY_BYTES:
            raise ValueError(f"MUSTER_MASTER_KEY has {len(decoded)} bytes instead of {MASTER_KEY_BYTES}")
        return value

    @model_validator(mode="after")
    def _is_secret_in_production(self) -> Self:
        if (
            self.environment is EnvironmentName.PRODUCTION
            and self.master_key.get_secret_value() == _DEVELOPMENT_KEY
        ):
            raise ValueError("production needs a MUSTER_MASTER_KEY of its own; the development key is public")
        return self

    def key(self) -> MasterKey:
        """The key itself."""
        return MasterKey(base64.b64decode(self.master_key.get_secret_value()))
