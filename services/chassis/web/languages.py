"""Languages: which one somebody reads, and the catalogues of the chassis and the service.

English is the language of the message ids. A catalogue stands in `<folder>/locale/<language>/LC_MESSAGES/messages.po`
and is read as it is, so there is no compiled file that could be older than its source.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from services.chassis.errors import FieldError, Problem

LANGUAGE_COOKIE = "muster_language"
DEFAULT_LANGUAGE = "zh"
NAMES = {"zh": "中文", "en": "English"}
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_CHASSIS = Path(__file__).parent.parent / "locale"


@dataclass(frozen=True)
class Language:
    """One language with its words and its way of writing dates and numbers."""

    code: str
    locale: Locale
    words: NullTranslations

    @property
    def tag(self) -> str:
        """For the `lang` attribute."""
        return "zh-CN" if self.code == "zh" else self.code

    def say(self, message: str, /, **params: object) -> str:
        """The message in this language, its places filled."""
        text = self.words.ugettext(message) if message else ""
        return text % params if params else text

    def say_problem(self, problem: Problem) -> str:
        """What the problem says, in this language."""
        return self.say(problem.message, **problem.params)

    def say_field(self, error: FieldError) -> str:
        """What is wrong with the field, in this language."""
        return self.say(error.message, **getattr(error, "params", {}))


def catalogue(code: str, folders: Iterable[Path]) -> NullTranslations:
    """The words of all folders in one; a word that two of them have is taken from the first."""
    merged: Translations | None = None
    for folder in reversed([*folders]):
        path = folder / code / "LC_MESSAGES" / "messages.po"
        if not path.is_file():
            continue
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=code))
        compiled.seek(0)
        words = Translations(compiled)
        merged = words if merged is None else merged.merge(words)
    return merged if merged is not None else NullTranslations()


class Languages:
    """All languages of one service."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        paths = (_CHASSIS, *folders)
        self._by_code = {
            code: Language(code, Locale.parse(_LOCALES[code]), catalogue(code, paths)) for code in NAMES
        }

    def __getitem__(self, code: str) -> Language:
        return self._by_code[code]

    def __iter__(self) -> Iterator[Language]:
        return iter(self._by_code.values())

    def choose(self, cookie: str | None, accept_language: str | None) -> Language:
        """The one that was chosen by hand, or the reader's first of ours, or Chinese."""
        if cookie in self._by_code:
            return self._by_code[cookie]
        return self._by_code[preferred(accept_language or "")]


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> str:
    """The first of our languages that an Accept-Language header asks for; Chinese when it asks for none."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        tag, _, weight = part.strip().partition(";q=")
        code = tag.split("-")[0].lower()
        if code in NAMES:
            try:
                wishes.append((float(weight) if weight else 1.0, code))
            except ValueError:
                continue
    return max(wishes, key=lambda wish: wish[0])[1] if wishes else DEFAULT_LANGUAGE
