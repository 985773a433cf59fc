import base64

import pytest
from pydantic import SecretStr, ValidationError

from services.chassis.personal_data import MasterKey, PersonalDataSettings

OWN_KEY = base64.b64encode(bytes(range(96))).decode()


@pytest.mark.parametrize("environment", ["local", "development", "test"])
def test_only_production_needs_a_key(monkeypatch: pytest.MonkeyPatch, environment: str) -> None:
    monkeypatch.delenv("MUSTER_MASTER_KEY", raising=False)
    monkeypatch.setenv("MUSTER_ENVIRONMENT", environment)
    assert len(PersonalDataSettings().key().secret) == 96


def test_production_refuses_the_key_that_everybody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MUSTER_MASTER_KEY", raising=False)
    monkeypatch.setenv("MUSTER_ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="of its own"):
        PersonalDataSettings()
    monkeypatch.setenv("MUSTER_MASTER_KEY", OWN_KEY)
    assert PersonalDataSettings().key() == MasterKey(bytes(range(96)))


@pytest.mark.parametrize("wrong", ["", "not base64!", base64.b64encode(b"too short").decode()])
def test_a_wrong_key_is_refused_without_showing_it(wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PersonalDataSettings(master_key=SecretStr(wrong))
    assert not wrong or wrong not in str(refused.value)


def test_a_key_does_not_show_itself() -> None:
    assert "x01" not in repr(MasterKey(bytes(range(96))))
    assert OWN_KEY not in repr(PersonalDataSettings(master_key=SecretStr(OWN_KEY)))


def test_each_purpose_has_its_own_key() -> None:
    key = MasterKey(bytes(96))
    assert len({key.derive(purpose) for purpose in ("a", "b", "a/b")}) == 3
    assert key.derive("a") == MasterKey(bytes(96)).derive("a")
