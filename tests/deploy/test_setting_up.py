"""What set-up does, and what the Makefile tells."""

import gettext
import os
import subprocess
from pathlib import Path

from deploy.local import assets, catalogues
from deploy.local.home import PROJECT

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Morning meeting"
msgstr "早会"
"""


def translation(project: Path, folder: str) -> Path:
    source = project / folder / "locale" / "zh" / "LC_MESSAGES" / "messages.po"
    source.parent.mkdir(parents=True)
    source.write_text(CATALOGUE, encoding="utf-8")
    return source


def test_translations_of_services_and_of_their_parts_are_compiled_once(tmp_path: Path) -> None:
    sources = [
        translation(tmp_path, "services/training"),
        translation(tmp_path, "services/training/meetings"),
    ]
    assert sorted(catalogues.out_of_date(tmp_path)) == sorted(sources)
    catalogues.compile_all(sources)
    assert catalogues.out_of_date(tmp_path) == []
    words = gettext.translation("messages", tmp_path / "services/training/locale", ["zh"])
    assert words.gettext("Morning meeting") == "早会"


def test_a_translation_that_was_changed_is_compiled_again(tmp_path: Path) -> None:
    source = translation(tmp_path, "services/training")
    catalogues.compile_all([source])
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert catalogues.out_of_date(tmp_path) == [source]


def test_what_pages_load_is_there_after_set_up() -> None:
    assert assets.are_there(), "run `make setup`"
    assert all((assets.SERVED / name).stat().st_size > 1000 for name in assets.FILES)


def test_the_locked_assets_name_no_host_to_load_from() -> None:
    assert '"resolved"' not in (PROJECT / "package-lock.json").read_text(encoding="utf-8")


def test_make_without_a_target_explains_every_target_for_people() -> None:
    explained = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "demo", "setup", "test", "lint", "format", "lock", "bench", "clean", "clean-data"):
        assert f"  make {target} " in explained
