"""What one service's web part is made of; every request finds it at `app.state.site`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from services.chassis.clock import Clock
from services.chassis.mongo import Mongo
from services.chassis.organisation.directory import Directory
from services.chassis.web.assets import Assets
from services.chassis.web.health import Check
from services.chassis.web.languages import LANGUAGE_COOKIE, Language, Languages
from services.chassis.web.live import Live
from services.chassis.web.navigation import Section
from services.chassis.web.session import Signer
from services.chassis.web.settings import WebSettings
from services.chassis.web.templating import Templates


@dataclass
class Site:
    """The parts, made when the service starts."""

    service: str
    settings: WebSettings
    clock: Clock
    languages: Languages
    assets: Assets
    templates: Templates
    signer: Signer
    mongo: Mongo
    directory: Directory
    live: Live
    readiness: Mapping[str, Check]
    sections: Sequence[Section] = ()
    """Of the bar above this service's pages."""

    @property
    def source(self) -> str:
        """The CloudEvents source of what this service publishes."""
        return f"/muster/{self.service}"

    def language_of(self, connection: HTTPConnection) -> Language:
        """The language that the reader chose, or that their browser asks for."""
        return self.languages.choose(
            connection.cookies.get(LANGUAGE_COOKIE), connection.headers.get("accept-language")
        )


def site_of(connection: HTTPConnection) -> Site:
    """The site that serves this request."""
    site: Site = connection.app.state.site
    return site
