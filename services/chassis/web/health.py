"""Whether the process lives, and whether it can do its work at this moment."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse

Check = Callable[[], Awaitable[None]]
"""Returns when the dependency answers, and raises anything when it does not."""

CHECK_SECONDS = 2.0

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def alive() -> JSONResponse:
    """The process answers; no dependency is asked."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """Asks every dependency now, each within two seconds; 503 names those that do not answer."""
    checks: Mapping[str, Check] = request.app.state.site.readiness
    outcomes = await asyncio.gather(*(_passes(check) for check in checks.values()))
    results = dict(zip(checks, outcomes, strict=True))
    ok = all(outcomes)
    body = {
        "status": "ok" if ok else "unavailable",
        "checks": {name: "ok" if passed else "unavailable" for name, passed in results.items()},
    }
    return JSONResponse(body, status_code=200 if ok else 503)


@router.get("/metrics")
async def metrics() -> Response:
    """For Prometheus."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def _passes(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await check()
    except Exception:  # noqa: BLE001 - whatever a dependency raises, the answer is that it is not ready
        return False
    return True
