"""Forms of the client file, and the commands that they become."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated

from pydantic import Field

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.validation import Input
from services.clients.cadence.hours import ContactHours
from services.clients.files.api import ClientIn, ContactIn, HoursIn
from services.clients.files.views import File
from services.contracts.clients import ClientSource


class ContactForm(Input):
    """A client's contact data as somebody types them."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    phone: Annotated[str, Field(max_length=30)] = ""
    address: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=500)] = ""
    opens: time | None = None
    closes: time | None = None

    def contact(self) -> ContactIn:
        """The contact data. Raises `Invalid` when the hours are none."""
        return ContactIn(
            name=self.name, phone=self.phone, address=self.address, note=self.note, hours=self._hours()
        )

    def _hours(self) -> HoursIn | None:
        if self.opens is None and self.closes is None:
            return None
        opens = _minute(self.opens) if self.opens else 0
        closes = _minute(self.closes) if self.closes else 24 * 60
        if opens >= closes:
            raise Invalid(errors=[FieldError("/closes", N_("This must be later than the beginning"))])
        return HoursIn(opens=opens, closes=closes)


class NewClientForm(ContactForm):
    source: ClientSource

    def client(self) -> ClientIn:
        """The new client. Raises `Invalid` when the hours are none."""
        return ClientIn(source=self.source, **self.contact().model_dump())


def values_of(file: File) -> Mapping[str, object]:
    """What stands in the file, as the form shows it."""
    hours = file.client.hours
    return {
        **file.fields,
        "opens": _clock(hours.opens) if hours else None,
        "closes": _clock(hours.closes) if hours else None,
    }


def hours_in_words(hours: ContactHours) -> str:
    """09:00–20:00."""
    return f"{_clock(hours.opens)}–{_clock(hours.closes)}"


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
