"""What the routes about hiring ask for."""

from typing import Annotated

from fastapi import Depends, Request

from services.recruiting.people.sign_in import EmailIndex


async def _emails(request: Request) -> EmailIndex:
    emails: EmailIndex = request.app.state.email_index
    return emails


Emails = Annotated[EmailIndex, Depends(_emails)]
"""Work addresses as keyed hashes."""
