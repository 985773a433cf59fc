"""Icons of one family (Tabler, outline), inlined into the page one by one."""

import re
from functools import cache
from pathlib import Path

from markupsafe import Markup

_PLACES = (
    Path(__file__).parent / "static" / "vendor" / "icons",
    Path(__file__).parents[3] / "node_modules" / "@tabler" / "icons" / "icons" / "outline",
)
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BOUNDING = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


class IconMissing(LookupError):
    """No such icon, or the icons were not installed (`npm ci`)."""


@cache
def icon(name: str, *, size: int = 20) -> Markup:
    """The icon as SVG, hidden from screen readers: what it means is said in words beside it."""
    for place in _PLACES:
        path = place / f"{name}.svg"
        if path.is_file():
            found = _BODY.search(path.read_text(encoding="utf-8"))
            break
    else:
        found = None
    if found is None:
        raise IconMissing(f"icon {name!r} is not among the installed ones")
    body = " ".join(_BOUNDING.sub("", found[1]).split())
    return Markup(  # noqa: S704 - the file is one that we installed
        f'<svg class="m-icon" width="{size}" height="{size}" viewBox="0 0 24 24" fill="none" '
        f'stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" '
        f'aria-hidden="true" focusable="false">{body}</svg>'
    )
