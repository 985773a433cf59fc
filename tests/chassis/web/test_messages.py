"""Both languages say everything."""

from pathlib import Path

import pytest

from services.chassis.web import messages


@pytest.mark.parametrize("owner", messages.owners(), ids=lambda owner: owner.name)
def test_every_message_has_chinese_words(owner: Path) -> None:
    assert messages.untranslated(owner) == []


@pytest.mark.parametrize("owner", messages.owners(), ids=lambda owner: owner.name)
def test_translations_fill_the_same_places(owner: Path) -> None:
    for message in messages.kept(owner):
        assert not [str(error) for error in message.check()], message.id


def test_the_chassis_is_read_at_all() -> None:
    found = {message.id for message in messages.extracted(messages.SERVICES / "chassis")}
    assert {"Today", "Please fill this in", "Sign out"} <= found
