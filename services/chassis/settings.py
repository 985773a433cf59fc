"""Settings, by part. Each is read from the environment when a process is composed, never at import.

A setting that is wrong is refused in words that name the variable. What is not safe (a default key, the persona page)
is refused in production by the part it belongs to, because nobody reads warnings.
"""

from enum import StrEnum
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class UnsafeSettings(Exception):
    """Settings that a process does not start with; the text says which and what to do."""


class EnvironmentName(StrEnum):
    """Where a process runs: `local` is what `make run` brings up, `development` a system that a team shares."""

    LOCAL = "local"
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """The base of every part's settings: frozen, from the environment alone."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)


S = TypeVar("S", bound=Settings)


def read(part: type[S]) -> S:
    """The part's settings from the environment. Raises `UnsafeSettings` that names each wrong variable."""
    try:
        return part()
    except ValidationError as error:
        raise UnsafeSettings(in_words(error)) from None


def in_words(error: ValidationError) -> str:
    """What is wrong with settings, without the values, which may be secrets."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    said = (": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"]))) for each in faults)
    return f"The settings are refused: {'; '.join(said)}"


class Environment(Settings):
    """Where we run and how we speak about it."""

    name: EnvironmentName = Field(EnvironmentName.LOCAL, validation_alias="MUSTER_ENVIRONMENT")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="MUSTER_LOG_LEVEL"
    )
    traces: Literal["none", "log"] = Field("none", validation_alias="MUSTER_TRACES")
    """`log` writes each span as a log line."""
    traces_share: float = Field(1.0, ge=0, le=1, validation_alias="MUSTER_TRACES_SHARE")
    """Share of new traces that are kept; one that arrives with a request is kept as its sender decided."""

    @property
    def is_production(self) -> bool:
        """True where default keys and the persona page are refused."""
        return self.name is EnvironmentName.PRODUCTION


class MongoSettings(Settings):
    """The database server. Each service has a database of its own on it."""

    uri: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017/?replicaSet=muster"), validation_alias="MONGODB_URI"
    )
    database_prefix: str = Field("muster_", validation_alias="MUSTER_DATABASE_PREFIX")

    def database(self, service: str) -> str:
        """The name of a service's database, such as `muster_clients`."""
        return f"{self.database_prefix}{service}"


class KafkaSettings(Settings):
    """The broker."""

    bootstrap_servers: str = Field("127.0.0.1:9092", validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    """host:port, several with commas."""
    topic_prefix: str = Field("", validation_alias="MUSTER_TOPIC_PREFIX")
    """Put before every topic and group, so that several systems (or tests) can share one broker."""

    def name(self, plain: str) -> str:
        """A topic or group as this system calls it on the broker."""
        return f"{self.topic_prefix}{plain}"
