"""What belongs to the site as a whole and is served by every service: assets, languages, what makes it installable."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, Response

from services.chassis.web.dependencies import PublicPage
from services.chassis.web.languages import LANGUAGE_COOKIE, NAMES
from services.chassis.web.site import site_of
from services.contracts.site import INBOX_COUNT_PATH

router = APIRouter(include_in_schema=False)

_YEAR = 365 * 24 * 3600
SHELL_ASSETS = (
    "vendor/tabler.min.css",
    "muster.css",
    "vendor/htmx.min.js",
    "vendor/hx-sse.min.js",
    "muster.js",
)


def assets_router(service: str) -> APIRouter:
    """Serves the chassis's assets and the service's own."""
    assets = APIRouter(include_in_schema=False)

    @assets.get("/assets/{digest}/{name:path}")
    async def own(request: Request, digest: str, name: str) -> Response:
        return site_of(request).assets.response("", digest, name, request)

    @assets.get(f"/{service}/assets/{{digest}}/{{name:path}}")
    async def of_the_service(request: Request, digest: str, name: str) -> Response:
        return site_of(request).assets.response(service, digest, name, request)

    return assets


def local_path(path: str) -> str:
    """The path when it is one of this site; `/` for anything that leads away."""
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    if any(char in path for char in "\r\n\t\0\\") or len(path) > 2000:
        return "/"
    return path


@router.post("/language")
async def choose_language(
    request: Request, language: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    """Remember the language in this browser, and go back to where it was chosen."""
    response = Response(status_code=303, headers={"Location": local_path(next)})
    if language in NAMES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR,
            path="/",
            httponly=True,
            samesite="lax",
            secure=site_of(request).settings.secure,
        )
    return response


@router.get("/manifest.webmanifest")
async def manifest(request: Request, page: PublicPage) -> Response:
    """What a phone needs to install the site."""
    assets = site_of(request).assets
    icons = [
        {
            "src": assets.url(f"icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return JSONResponse(
        {
            "id": "/",
            "name": "Muster",
            "short_name": "Muster",
            "lang": page.language.tag,
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f7f8fa",
            "theme_color": "#f7f8fa",
            "icons": icons,
        },
        media_type="application/manifest+json",
        headers={"Cache-Control": "no-cache"},
    )


@router.get(INBOX_COUNT_PATH)
async def no_inbox() -> Response:
    """Nothing to count, where a service is looked at alone, without the gateway and the notifications behind it."""
    return Response(status_code=204)


@router.get("/service-worker.js")
async def service_worker(page: PublicPage) -> Response:
    """Keeps the shell's assets and the page that says "no connection"."""
    urls = [page.site.assets.url(name) for name in SHELL_ASSETS]
    return page.show(
        "chassis/service-worker.js",
        headers={"Content-Type": "text/javascript; charset=utf-8", "Cache-Control": "no-cache"},
        urls=["/offline", *urls],
        version="-".join(url.split("/")[2] for url in urls),
    )


@router.get("/offline")
async def offline(page: PublicPage) -> Response:
    """What is shown when there is no connection and the page was not kept."""
    return page.show("chassis/offline.html")
