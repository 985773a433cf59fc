"""Compiles the translations, so that pages can read them."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from deploy.local.home import PROJECT

PATTERNS = (
    "services/*/locale/*/LC_MESSAGES/*.po",
    "services/*/*/locale/*/LC_MESSAGES/*.po",
)


def out_of_date(project: Path = PROJECT) -> list[Path]:
    """The catalogues that were changed after they were last compiled."""
    sources = [source for pattern in PATTERNS for source in sorted(project.glob(pattern))]
    return [source for source in sources if not _is_fresh(source)]


def compile_all(sources: list[Path]) -> None:
    """Writes each one's compiled form beside it; what is not yet surely translated is left out."""
    for source in sources:
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)


def _is_fresh(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime
