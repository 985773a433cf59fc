"""Ids sort by time, and after a given one whatever the clock says."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.chassis.identity import id_after, new_id

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis takes naive bounds and adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(MOMENTS)
def test_an_id_is_a_uuid_of_version_7_with_the_moment_in_it(moment: datetime) -> None:
    id_ = UUID(new_id(moment))
    assert (id_.version, id_.variant) == (7, UUID(new_id()).variant)
    assert id_.int >> 80 == round(moment.timestamp() * 1000)


@given(MOMENTS, MOMENTS)
def test_a_later_moment_has_the_greater_id(one: datetime, other: datetime) -> None:
    if abs(one - other) > timedelta(milliseconds=1):
        assert (new_id(one) < new_id(other)) == (one < other)


@given(st.lists(MOMENTS, min_size=2, max_size=20))
def test_ids_after_one_another_only_grow(moments: list[datetime]) -> None:
    ids = [""]
    for moment in moments:
        ids.append(id_after(ids[-1], moment))
    assert ids == sorted(set(ids))
    assert all(UUID(id_).version == 7 for id_ in ids[1:])


def test_the_greatest_id_of_a_millisecond_is_followed_by_one_of_the_next() -> None:
    last = "01890a5d-ac96-7fff-bfff-ffffffffffff"
    assert id_after(last, datetime(2000, 1, 1, tzinfo=UTC)) == "01890a5d-ac97-7000-8000-000000000000"
