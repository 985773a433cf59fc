"""Keeps the catalogues: `python -m services.chassis.web.messages` (`make messages`) takes in new messages.

English is the language of the message ids, so only Chinese has catalogues: one for the chassis, one for each service.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

SERVICES = Path(__file__).parents[2]
LANGUAGE = "zh"
_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {
    "**/templates/**.html": {
        "silent": "false",
        "trimmed": "true",
        "newstyle_gettext": "true",
        "extensions": "jinja2.ext.do",
    }
}
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "say": None,
    "gettext": None,
    "ngettext": (1, 2),
}


def owners() -> list[Path]:
    """The folders that have a catalogue: the chassis and the services."""
    return [path for path in sorted(SERVICES.iterdir()) if path.is_dir() and (path / "__init__.py").is_file()]


def catalogue_of(owner: Path) -> Path:
    """Where the owner's catalogue stands."""
    return owner / "locale" / LANGUAGE / "LC_MESSAGES" / "messages.po"


def extracted(owner: Path) -> Catalog:
    """Every message in the owner's code and templates."""
    catalogue = Catalog(project="Muster", charset="utf-8")
    for name, line, message, comments, _ in _found(owner):
        catalogue.add(message, locations=[(name, line)], auto_comments=comments)
    return catalogue


def _found(owner: Path) -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    return iter(
        extract_from_dir(
            owner, _METHODS, _OPTIONS, keywords=_KEYWORDS, comment_tags=("i18n:",), strip_comment_tags=True
        )
    )


def kept(owner: Path) -> Catalog:
    """The catalogue as it stands; empty when there is none yet."""
    path = catalogue_of(owner)
    if not path.is_file():
        return Catalog(locale=LANGUAGE, project="Muster", charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale=LANGUAGE)


def untranslated(owner: Path) -> list[str]:
    """Messages of the owner that have no Chinese words, neither in its own catalogue nor in the chassis's."""
    known = {
        message.id: message.string
        for place in (SERVICES / "chassis", owner)
        for message in kept(place)
        if message.id and message.string and not message.fuzzy
    }
    missing = []
    for message in extracted(owner):
        words = known.get(message.id)
        if message.id and not (words if isinstance(words, str) else words and all(words)):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def update(owner: Path) -> int:
    """Take new messages into the owner's catalogue and drop those that are gone; how many still lack words."""
    template = extracted(owner)
    if not len(template):
        return 0
    catalogue = kept(owner)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path = catalogue_of(owner)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, catalogue, omit_header=True, sort_output=True, no_location=True, width=110)
    return len(untranslated(owner))


def main() -> int:
    """Update every catalogue; 1 when messages lack words."""
    missing = 0
    for owner in owners():
        lacking = update(owner)
        missing += lacking
        if lacking:
            sys.stdout.write(f"{catalogue_of(owner)}: {lacking} without words\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
