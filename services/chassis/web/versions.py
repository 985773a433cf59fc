"""`If-Match`: an update says which version it is about, so nobody's change is silently lost.

Without the header the answer is 428 (RFC 6585); `*` means whatever is there now.
"""

import re
from typing import Annotated

from fastapi import Depends, Header

from services.chassis.errors import N_, Problem, StaleVersion
from services.chassis.web.validation import LARGEST_INTEGER

_STRONG = re.compile(r'^"([^"]*)"$')


class VersionRequired(Problem):
    status = 428
    code = "version-required"
    title = N_("Send an If-Match header with the version that you have read")


class VersionUnreadable(Problem):
    status = 400
    code = "version-unreadable"
    title = N_("The If-Match header must be one entity tag in quotes")


async def expected_version(
    if_match: Annotated[
        str | None, Header(alias="If-Match", description='The version that was read, such as "3"')
    ] = None,
) -> int | None:
    """The version that the caller has read; None for `*`.

    Raises `VersionRequired`, `VersionUnreadable`, and `StaleVersion` for a tag that no version of ours ever had.
    """
    if if_match is None:
        raise VersionRequired
    tag = if_match.strip()
    if tag == "*":
        return None
    if tag.startswith("W/"):
        # If-Match compares strongly, and a weak tag never matches
        raise StaleVersion
    found = _STRONG.match(tag)
    if found is None:
        raise VersionUnreadable
    text = found[1]
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_INTEGER):
        raise StaleVersion
    return int(text)


ExpectedVersion = Annotated[int | None, Depends(expected_version)]
