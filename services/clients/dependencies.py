"""What routes of clients ask for beside the chassis's own."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request

from services.chassis.errors import N_
from services.chassis.web.dependencies import Visitor
from services.chassis.web.site import site_of
from services.clients.files.personal import PersonalData
from services.clients.files.views import Asker

ERASED = N_("Erased client")


async def _personal(request: Request) -> PersonalData:
    personal: PersonalData = request.app.state.personal_data
    return personal


Personal = Annotated[PersonalData, Depends(_personal)]
"""Seals and shows personal data."""


async def _asker(request: Request, visitor: Visitor) -> Asker:
    route: Any = request.scope.get("route")
    door = f"{request.method} {getattr(route, 'path', '')}"
    site = site_of(request)
    return Asker(visitor, door, site.clock(), site.language_of(request).say(ERASED))


Asking = Annotated[Asker, Depends(_asker)]
"""Who reads personal data, through which door, and when: what the audit trail wants to know."""

Id = Annotated[str, Path(min_length=1, max_length=64)]
OwnParam = Annotated[
    bool | None, Query(description="Only one's own clients; by default whoever has units sees those")
]
