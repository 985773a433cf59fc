import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import Invalid
from services.chassis.personal_data import BlindIndex, MasterKey, normalise_phone
from services.chassis.personal_data.names import search_keys

INDEX = BlindIndex(MasterKey(bytes(range(96))), "clients")
MOBILE = st.from_regex(r"\A1[3-9][0-9]{9}\Z")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("19900001234", "19900001234"),
        (" 199 0000 1234 ", "19900001234"),
        ("+86 199-0000-1234", "19900001234"),
        ("8619900001234", "19900001234"),
        ("0086 19900001234", "19900001234"),
        ("１９９００００１２３４", "19900001234"),
        ("（＋86）199 0000 1234", "19900001234"),
        ("021-6123 4567", "02161234567"),
        ("+86 21 6123 4567", "02161234567"),
        ("+86 10 6123 4567", "01061234567"),
        ("0571 8123 4567", "057181234567"),
        ("+852 2345 6789", "+85223456789"),
        ("00 65 6123 4567", "+6561234567"),
    ],
)
def test_a_number_has_one_form(typed: str, kept: str) -> None:
    assert normalise_phone(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "12345", "29900001234", "199000012345", "王小明", "+", "1990000123a", "²" * 11]
)
def test_what_is_no_number_is_refused_with_its_place(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        normalise_phone(typed, pointer="/contact/phone")
    assert refused.value.errors[0].pointer == "/contact/phone"


@given(MOBILE)
def test_every_spelling_of_a_mobile_number_has_the_same_hash(number: str) -> None:
    spaced = f"{number[:3]} {number[3:7]}-{number[7:]}"
    wide = number.translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    assert {INDEX.phone(form) for form in (number, spaced, wide, "+86" + number, "0086" + spaced)} == {
        INDEX.phone(number)
    }


@given(MOBILE)
def test_the_one_form_is_stable(number: str) -> None:
    assert normalise_phone(normalise_phone(number)) == normalise_phone(number)


@given(st.lists(MOBILE, min_size=2, max_size=2, unique=True))
def test_different_numbers_have_different_hashes(numbers: list[str]) -> None:
    assert INDEX.phone(numbers[0]) != INDEX.phone(numbers[1])


def test_hashes_of_two_scopes_or_keys_cannot_be_compared() -> None:
    key = MasterKey(bytes(range(96)))
    other_scope, other_key = BlindIndex(key, "recruiting"), BlindIndex(MasterKey(bytes(96)), "clients")
    assert len({index.phone("19900001234") for index in (INDEX, other_scope, other_key)}) == 3
    assert not set(INDEX.search_tokens("王小明")) & set(other_scope.search_tokens("王小明"))


FOUND_BY = {
    "王小明": "王 王小 王小明 小明 明 w wang wangx WangXiao wangxiaoming xiaoming wxm WX xm",
    "曾志伟": "zeng zengz zengzhiwei zzw ceng czw",
    "单雄信": "shan shanx dan sxx",
    "解小东": "xie xxd jie",
    "吕洞宾": "lv lu lü lvdongbin ludong",
    "欧阳修": "ouyang ouyangxiu oyx xiu 欧阳 修",
    "尉迟恭": "yuchi ycg gong",
    "仇英": "qiu qy",
    "覃海": "qin tan",
    "John Smith": "john JOHNS ｊｏｈｎ",
    "José": "jose JOSÉ",
}


@pytest.mark.parametrize(
    ("name", "typed"), [(name, typed) for name, all_ in FOUND_BY.items() for typed in all_.split()]
)
def test_a_name_is_found_by(name: str, typed: str) -> None:
    assert INDEX.search_token(typed) in INDEX.search_tokens(name, "19900001234")


@pytest.mark.parametrize("typed", ["wangm", "李", "xw", "234", "0001", "王明", "99999"])
def test_a_name_is_not_found_by(typed: str) -> None:
    assert INDEX.search_token(typed) not in INDEX.search_tokens("王小明", "19900001234")


@pytest.mark.parametrize("typed", ["1234", "１２３４", "19900001234", "+86 199 0000 1234"])
def test_a_person_is_found_by_the_phone(typed: str) -> None:
    assert INDEX.search_token(typed) in INDEX.search_tokens("王小明", "199 0000 1234")


@pytest.mark.parametrize("typed", ["", "  ", "*", "123456"])
def test_a_search_that_says_nothing_looks_nothing_up(typed: str) -> None:
    assert INDEX.search_token(typed) is None


CHINESE_NAME = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4)


@given(CHINESE_NAME, st.data())
def test_every_piece_of_a_chinese_name_finds_it(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert INDEX.search_token(name[start:end]) in INDEX.search_tokens(name)


@given(CHINESE_NAME)
def test_a_name_needs_few_tokens(name: str) -> None:
    assert len(search_keys(name)) <= 150
    assert "" not in search_keys(name)
