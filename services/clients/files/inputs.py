"""What a client's file takes in, from JSON and from forms."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any

from pydantic import Field

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.web.validation import Input
from services.clients.cadence.hours import ContactHours
from services.clients.files.filters import Filters, State
from services.clients.files.people import Birthday, Calendar, ConsentGiven, Relation
from services.clients.files.personal import LONGEST, Contact
from services.contracts.clients import ClientSource, Grade, Intent

MOST_TAGS = 12
_NO_DAY = N_("There is no such day")

Month = Annotated[int, Field(ge=1, le=12)]
Day = Annotated[int, Field(ge=1, le=31)]
Year = Annotated[int, Field(ge=1900, le=2099)]
Tag = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^\x00-\x1f,，]+$")]


def birthday_of(
    calendar: Calendar, month: int | None, day: int | None, year: int | None, pointer: str
) -> Birthday | None:
    """The birthday, or None for no day. Raises `Invalid`, at the pointer, for a day that no year has."""
    if month is None and day is None:
        return None
    try:
        return Birthday.of(calendar, month or 0, day or 0, year)
    except ValueError:
        raise Invalid(errors=[FieldError(pointer, _NO_DAY)]) from None


class BirthdayIn(Input):
    """A birthday in the person's own calendar."""

    calendar: Calendar = Calendar.SOLAR
    month: Month
    day: Day
    year: Year | None = None

    def value(self, pointer: str) -> Birthday | None:
        return birthday_of(self.calendar, self.month, self.day, self.year, pointer)


class HoursIn(Input):
    """When this client wants to be called, in minutes after midnight where the agent works."""

    opens: Annotated[int, Field(ge=0, le=1439)]
    closes: Annotated[int, Field(ge=1, le=1440)]

    def model_post_init(self, _: Any) -> None:
        ContactHours(self.opens, self.closes)

    @property
    def value(self) -> ContactHours:
        return ContactHours(self.opens, self.closes)


class ContactFields(Input):
    """What is known of a client, as texts; what is empty is not known."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
    phone: Annotated[str, Field(max_length=LONGEST["phone"])] = ""
    phone_2: Annotated[str, Field(max_length=LONGEST["phone_2"])] = ""
    phone_3: Annotated[str, Field(max_length=LONGEST["phone_3"])] = ""
    phone_4: Annotated[str, Field(max_length=LONGEST["phone_4"])] = ""
    phone_5: Annotated[str, Field(max_length=LONGEST["phone_5"])] = ""
    phone_6: Annotated[str, Field(max_length=LONGEST["phone_6"])] = ""
    wechat: Annotated[str, Field(max_length=LONGEST["wechat"])] = ""
    email: Annotated[str, Field(max_length=LONGEST["email"])] = ""
    address: Annotated[str, Field(max_length=LONGEST["address"])] = ""
    work_address: Annotated[str, Field(max_length=LONGEST["work_address"])] = ""
    employer: Annotated[str, Field(max_length=LONGEST["employer"])] = ""
    occupation: Annotated[str, Field(max_length=LONGEST["occupation"])] = ""
    income: Annotated[str, Field(max_length=LONGEST["income"])] = ""
    hobbies: Annotated[str, Field(max_length=LONGEST["hobbies"])] = ""
    note: Annotated[str, Field(max_length=LONGEST["note"])] = ""

    def texts(self) -> dict[str, str]:
        """These fields alone."""
        return {name: getattr(self, name) for name in LONGEST}


class ContactIn(ContactFields):
    """A client's data; what is not given is not known."""

    birthday: BirthdayIn | None = None
    hours: HoursIn | None = None

    @property
    def contact(self) -> Contact:
        """The same for the rules. Raises `Invalid`."""
        birthday = self.birthday.value("/birthday") if self.birthday else None
        return Contact(**self.texts(), birthday=birthday)


class ClientIn(ContactIn):
    """A new client of whoever sends it."""

    source: ClientSource


class TagsIn(Input):
    """All tags of a client."""

    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)]


class MemberFields(Input):
    """Somebody of the client's family, as texts."""

    relation: Relation
    name: Annotated[str, Field(min_length=1, max_length=LONGEST["name"])]
    phone: Annotated[str, Field(max_length=LONGEST["phone"])] = ""
    note: Annotated[str, Field(max_length=LONGEST["note"])] = ""


class MemberIn(MemberFields):
    """Somebody of the client's family."""

    birthday: BirthdayIn | None = None

    @property
    def contact(self) -> Contact:
        """What is personal of it. Raises `Invalid`."""
        birthday = self.birthday.value("/birthday") if self.birthday else None
        return Contact(self.name, self.phone, note=self.note, birthday=birthday)


class ConsentIn(Input):
    """How the client agreed."""

    given: ConsentGiven


class BirthdayTyped(Input):
    """A birthday as a form has it: three fields, all of them empty for none."""

    birth_calendar: Calendar = Calendar.SOLAR
    birth_month: Month | None = None
    birth_day: Day | None = None
    birth_year: Year | None = None

    def birthday(self) -> Birthday | None:
        """The birthday. Raises `Invalid`."""
        return birthday_of(
            self.birth_calendar, self.birth_month, self.birth_day, self.birth_year, "/birth_day"
        )


def typed_birthday(text: str | None) -> Mapping[str, object]:
    """What the form shows of a kept birthday; empty when none is kept, or none may be seen."""
    try:
        birthday = Birthday.parse(text or "")
    except ValueError:
        return {"birth_calendar": Calendar.SOLAR}
    return {
        "birth_calendar": birthday.calendar,
        "birth_month": birthday.month,
        "birth_day": birthday.day,
        "birth_year": birthday.year,
    }


class ContactForm(ContactFields, BirthdayTyped):
    """A client's data as somebody types them."""

    opens: time | None = None
    closes: time | None = None

    def contact(self) -> Contact:
        """What is personal. Raises `Invalid`."""
        return Contact(**self.texts(), birthday=self.birthday())

    def hours(self) -> ContactHours | None:
        """The times to call. Raises `Invalid` when they are none."""
        if self.opens is None and self.closes is None:
            return None
        opens = _minute(self.opens) if self.opens else 0
        closes = _minute(self.closes) if self.closes else 24 * 60
        if opens >= closes:
            raise Invalid(errors=[FieldError("/closes", N_("This must be later than the beginning"))])
        return ContactHours(opens, closes)


class NewClientForm(ContactForm):
    source: ClientSource


class MemberForm(MemberFields, BirthdayTyped):
    """Somebody of the family as somebody types them."""

    def contact(self) -> Contact:
        """What is personal of it. Raises `Invalid`."""
        return Contact(self.name, self.phone, note=self.note, birthday=self.birthday())


class TagsForm(Input):
    """Tags in one line, with commas between them."""

    tags: Annotated[str, Field(max_length=300)] = ""

    def listed(self) -> list[str]:
        """Each once, in the order in which they were typed. Raises `Invalid`."""
        words = [" ".join(part.split()) for part in self.tags.replace("，", ",").split(",")]
        tags = list(dict.fromkeys(word for word in words if word))
        if len(tags) > MOST_TAGS or any(len(tag) > 20 or not tag.isprintable() for tag in tags):
            raise Invalid(errors=[FieldError("/tags", N_("At most twelve tags of twenty characters"))])
        return tags


def _minute(moment: time) -> int:
    return moment.hour * 60 + moment.minute


class FiltersIn(Input):
    """What a list is narrowed by."""

    state: State = State.PLANNED
    grade: Grade | None = None
    intent: Intent | None = None
    source: ClientSource | None = None
    overdue: bool = False
    silent_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    tag: Annotated[str, Field(max_length=20)] = ""

    @property
    def filters(self) -> Filters:
        return Filters(**self.model_dump())


class ListIn(FiltersIn):
    """A list that somebody names."""

    name: Annotated[str, Field(min_length=1, max_length=30)]

    @property
    def filters(self) -> Filters:
        return Filters(**self.model_dump(exclude={"name"}))
