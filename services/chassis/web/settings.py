"""What an operator may set for the web part of a service; read from the environment when the service starts."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.chassis.settings import EnvironmentName, Settings

DEVELOPMENT_KEY = "muster-development-key-for-signing-sessions"
SHORTEST_KEY = 32


class WebSettings(Settings):
    """Variables are named `MUSTER_...`, for example `MUSTER_PUBLIC_URL`."""

    model_config = SettingsConfigDict(env_prefix="MUSTER_")

    environment: EnvironmentName = EnvironmentName.LOCAL
    public_url: str = "http://127.0.0.1:8080"
    """Where browsers find the site, without a slash at the end."""
    session_key: SecretStr = SecretStr(DEVELOPMENT_KEY)
    """Signs sessions; the same for all four services."""
    session_hours: int = Field(default=24 * 7, ge=1)
    request_seconds: float = Field(default=10.0, gt=0)
    """After this long a request is given up, its transaction with it."""
    largest_body: int = Field(default=2_000_000, gt=0)
    """Bytes of the largest request body."""
    persona_sign_in: bool | None = None
    """Whether anybody may choose to be anybody, for a trial. On outside production unless set."""
    oidc_issuer: str = ""
    """The identity provider, for example `https://login.example.com/realms/company`."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    @property
    def secure(self) -> bool:
        """Whether browsers reach the site over TLS; then cookies are sent over it alone."""
        return self.public_url.startswith("https://")

    @property
    def personas(self) -> bool:
        """Whether the page to pick a persona is there."""
        if self.persona_sign_in is None:
            return self.environment is not EnvironmentName.PRODUCTION
        return self.persona_sign_in

    @model_validator(mode="after")
    def _production_is_closed(self) -> Self:
        if self.environment is EnvironmentName.PRODUCTION:
            key = self.session_key.get_secret_value()
            if key == DEVELOPMENT_KEY or len(key) < SHORTEST_KEY:
                raise ValueError(
                    f"MUSTER_SESSION_KEY must be set to {SHORTEST_KEY} or more random characters in production"
                )
            if self.persona_sign_in:
                raise ValueError(
                    "MUSTER_PERSONA_SIGN_IN lets anybody in as anybody and is refused in production"
                )
            if not self.oidc_issuer:
                raise ValueError("MUSTER_OIDC_ISSUER must name the identity provider in production")
        return self
