from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.demo.drawing import Draw, phone_number, shares, talents

moments = st.integers(1_577_836_800_000, 2_208_988_800_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC)
)


@given(st.integers(), moments)
def test_an_id_is_a_uuid_7_of_its_moment_and_the_same_again(seed: int, moment: datetime) -> None:
    made = Draw(seed, "id").new_id(moment)
    assert made == Draw(seed, "id").new_id(moment)
    assert UUID(made).version == 7
    assert UUID(made).variant == "specified in RFC 4122"
    assert UUID(made).int >> 80 == round(moment.timestamp() * 1000)


@given(st.integers(0, 100_000), st.lists(st.floats(0.01, 100), min_size=1, max_size=50))
def test_shares_add_up_and_follow_the_weights(total: int, weights: list[float]) -> None:
    parts = shares(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1.001


def test_all_demo_numbers_differ() -> None:
    numbers = {phone_number(place) for place in range(100_000)}
    assert len(numbers) == 100_000
    assert all(number.startswith("199000") and len(number) == 11 for number in numbers)
    with pytest.raises(ValueError, match="demo numbers"):
        phone_number(100_000)


@given(st.integers(), st.integers(20, 300))
def test_even_a_small_company_has_its_stars(seed: int, count: int) -> None:
    made = sorted(talents(Draw(seed, "talent"), count, 1.05), reverse=True)
    assert 0.3 < sum(made[: max(1, count // 10)]) / sum(made) < 0.5
