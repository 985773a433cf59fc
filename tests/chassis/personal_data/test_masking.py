import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.personal_data import Kind, Level, Masking
from services.chassis.personal_data.masking import mask_address, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王**"),
        ("王明", "王*"),
        ("欧阳修", "欧阳*"),
        ("司马相如", "司马**"),
        ("欧阳", "欧*"),
        ("王", "王*"),
        ("John Smith", "J***"),
        ("", "***"),
    ],
)
def test_a_name_shows_its_surname(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138****1234"),
        ("+86 138 0000 1234", "138****1234"),
        ("02161234567", "021****4567"),
        ("12345", "***"),
        ("", "***"),
    ],
)
def test_a_phone_shows_both_ends(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("上海市静安区南京西路1266号", "上海市静安区***"),
        ("江苏省苏州市工业园区星湖街328号", "江苏省苏州市***"),
        ("江苏省昆山市花桥镇", "江苏省昆山市***"),
        ("广西壮族自治区南宁市青秀区民族大道", "广西壮族自治区南宁市青秀区***"),
        ("浦东新区世纪大道100号", "浦东新区***"),
        ("浙江省杭州市桐庐县城南街道", "浙江省杭州市桐庐县***"),
        ("阳光小区3号楼201", "***"),
        ("南京西路1266号", "***"),
        ("", "***"),
    ],
)
def test_an_address_shows_no_more_than_the_district(address: str, shown: str) -> None:
    assert mask_address(address) == shown


@given(st.text(), st.sampled_from(Kind))
def test_full_shows_all_and_none_shows_nothing(value: str, kind: Kind) -> None:
    assert Masking(Level.FULL).field(kind, value) == value
    assert Masking(Level.NONE).field(kind, value) is None


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_the_middle_of_a_phone_is_never_shown(phone: str) -> None:
    assert mask_phone(phone) == phone[:3] + "****" + phone[-4:]


@given(st.text(st.sampled_from("上海市静安区县省路号小园王1２３室"), max_size=30))
def test_a_masked_address_has_no_house_number(address: str) -> None:
    shown = mask_address(address)
    assert shown.endswith("***")
    assert not any(character.isdigit() for character in shown)


@given(st.text(min_size=2, max_size=8))
def test_a_masked_name_has_at_most_a_surname_in_it(name: str) -> None:
    assert len(mask_name(name).replace("*", "")) <= 2


def test_a_field_of_an_unknown_kind_is_hidden() -> None:
    shown = Masking(Level.MASKED).fields({"name": Kind.NAME}, {"name": "王明", "salary": "30000"})
    assert shown == {"name": "王*", "salary": "***"}
