"""What stands in a client's file, as its forms and pages show it."""

from collections.abc import Mapping

from services.chassis.web.page import PageWriter
from services.clients.cadence.hours import ContactHours
from services.clients.files.inputs import typed_birthday
from services.clients.files.people import Birthday, Calendar
from services.clients.files.views import File


def values_of(file: File) -> Mapping[str, object]:
    """What stands in the file, as the form shows it."""
    hours = file.client.hours
    return {
        **{name: text for name, text in file.fields.items() if name != "birthday"},
        **typed_birthday(file.fields.get("birthday")),
        "opens": _clock(hours.opens) if hours else None,
        "closes": _clock(hours.closes) if hours else None,
    }


def hours_in_words(hours: ContactHours) -> str:
    """09:00–20:00."""
    return f"{_clock(hours.opens)}–{_clock(hours.closes)}"


def birthday_in_words(page: PageWriter, text: str | None) -> str:
    """5 August 1985, or lunar 15/8; what is masked stays as it is, nothing stays empty."""
    try:
        birthday = Birthday.parse(text or "")
    except ValueError:
        return text or ""
    said = {
        Calendar.SOLAR: page.say("%(month)d/%(day)d", month=birthday.month, day=birthday.day),
        Calendar.LUNAR: page.say("lunar %(month)d/%(day)d", month=birthday.month, day=birthday.day),
        Calendar.LEAP: page.say("lunar leap %(month)d/%(day)d", month=birthday.month, day=birthday.day),
    }[birthday.calendar]
    return page.say("%(day)s, born %(year)d", day=said, year=birthday.year) if birthday.year else said


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
