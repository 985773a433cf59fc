"""The web application of one service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from services.chassis.clock import Clock, utc_now
from services.chassis.mongo import Indexes, Mongo
from services.chassis.organisation import directory
from services.chassis.web import health, once, problems, shell
from services.chassis.web.assets import Assets
from services.chassis.web.edge import Edge
from services.chassis.web.health import Check
from services.chassis.web.languages import Languages
from services.chassis.web.live import Live
from services.chassis.web.navigation import Section
from services.chassis.web.session import Signer
from services.chassis.web.settings import WebSettings
from services.chassis.web.site import Site
from services.chassis.web.templating import Templates

INDEXES: Indexes = {**directory.INDEXES, **once.INDEXES}
"""What the web part itself needs; a service passes these to `Mongo.prepare` together with its own."""

_SMALLEST_PACKED = 1000


def create_app(
    service: str,
    *,
    connect: Callable[[], Mongo],
    folder: Path | None = None,
    api: Sequence[APIRouter] = (),
    pages: Sequence[APIRouter] = (),
    site_wide: Sequence[APIRouter] = (),
    sections: Sequence[Section] = (),
    uploads: Mapping[str, int] | None = None,
    settings: WebSettings | None = None,
    clock: Clock = utc_now,
    readiness: Mapping[str, Check] | None = None,
    prepare: Callable[[Mongo], Awaitable[None]] | None = None,
) -> FastAPI:
    """The application of the service named `service`.

    `api` routers stand under `/<service>/api`, `pages` under `/<service>`, `site_wide` under `/`. `sections`
    make the bar above the service's pages, `uploads` says of paths that take files how many bytes. `folder` is
    the service's own: `<capability>/templates`, `locale` and `static` are found in it. `connect` is called, and
    `prepare` with the database, when the application starts; `readiness` adds to the check of the database.
    """
    settings = settings if settings is not None else WebSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        mongo = connect()
        languages = Languages([folder / "locale"] if folder is not None else [])
        static = folder / "static" if folder is not None and (folder / "static").is_dir() else None
        assets = Assets(service, static)
        site = Site(
            service=service,
            settings=settings,
            clock=clock,
            languages=languages,
            assets=assets,
            templates=Templates(languages, assets, folder),
            signer=Signer(settings),
            mongo=mongo,
            directory=directory.Directory(mongo),
            live=Live(mongo),
            readiness={"mongodb": mongo.check, **(readiness or {})},
            sections=sections,
        )
        app.state.site = site
        try:
            if prepare is not None:
                await prepare(mongo)
            yield
        finally:
            site.live.close()
            mongo.close()

    app = FastAPI(
        title=f"Muster {service}",
        version="1",
        lifespan=lifespan,
        openapi_url=f"/{service}/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(health.router)
    for router in api:
        app.include_router(router, prefix=f"/{service}/api")
    for router in pages:
        app.include_router(router, prefix=f"/{service}", include_in_schema=False)
    for router in site_wide:
        app.include_router(router, include_in_schema=False)
    # after the service's own, which win: notifications has an inbox to count
    app.include_router(shell.router)
    app.include_router(shell.assets_router(service))
    app.add_middleware(GZipMiddleware, minimum_size=_SMALLEST_PACKED, compresslevel=5)
    app.add_middleware(Edge, settings=settings, uploads=uploads)
    return app
