"""How a name may be typed by who looks for it: in characters, in pinyin, by initials. Pure."""

import unicodedata
from collections.abc import Iterator
from itertools import product

from pypinyin import lazy_pinyin

from services.chassis.personal_data.masking import surname_of

_LONGEST_PREFIX = 24

SURNAME_READINGS: dict[str, tuple[str, ...]] = {
    "曾": ("zeng",),
    "单": ("shan",),
    "解": ("xie",),
    "仇": ("qiu",),
    "查": ("zha",),
    "区": ("ou",),
    "朴": ("piao",),
    "盖": ("ge",),
    "任": ("ren",),
    "华": ("hua",),
    "燕": ("yan",),
    "缪": ("miao",),
    "冼": ("xian",),
    "洗": ("xian",),
    "翟": ("zhai",),
    "覃": ("qin", "tan"),
    "乐": ("yue", "le"),
    "员": ("yun",),
    "黑": ("he",),
    "折": ("she",),
    "繁": ("po",),
    "纪": ("ji",),
    "逄": ("pang",),
    "秘": ("bi",),
    "宿": ("su",),
    "葛": ("ge",),
    "晁": ("chao",),
    "召": ("shao",),
    "种": ("chong",),
    "牟": ("mu", "mou"),
    "尹": ("yin",),
    "撒": ("sa",),
    "哈": ("ha",),
    "车": ("che",),
    "冯": ("feng",),
    "宁": ("ning",),
    "曲": ("qu",),
    "谌": ("chen", "shen"),
    "尉迟": ("yu chi",),
    "万俟": ("mo qi",),
    "单于": ("chan yu",),
    "澹台": ("tan tai",),
    "长孙": ("zhang sun",),
    "令狐": ("ling hu",),
    "鲜于": ("xian yu",),
}
"""Surnames that are read otherwise than the same character in a word (多音姓氏); syllables stand apart."""


def plain(text: str) -> str:
    """One spelling for what looks alike: full width as half width, lower case, ü as v, no accents, no spaces."""
    composed = unicodedata.normalize("NFKC", text).lower().replace("ü", "v")
    decomposed = unicodedata.normalize("NFD", composed)
    return "".join(character for character in decomposed if character.isalnum())


def search_keys(name: str) -> frozenset[str]:
    """All that finds this name: from the surname or the given name on, any beginning of it in characters, in full
    pinyin, or in initials; and any piece of a Chinese name.

    王小明 is found by 王, 小明, 明, wang, wangxiaom, xiaoming, wxm, xm. A surname with a reading of its own is found
    by that one and by the everyday one: 曾 by zeng and by ceng.
    """
    name = plain(name)
    if not name:
        return frozenset()
    keys: set[str] = set()
    if name.isascii():
        keys.update(_beginnings(name))
        return frozenset(keys)
    for start in range(len(name)):
        keys.update(_beginnings(name[start:]))
    surname = surname_of(name)
    given = [_readings(character) for character in name[len(surname) :]]
    for spelled in product(*given):
        keys.update(_beginnings("".join(spelled)))
        keys.update(_beginnings("".join(syllable[0] for syllable in spelled)))
        for reading in _surname_readings(surname):
            keys.update(_beginnings("".join((*reading, *spelled))))
            keys.update(_beginnings("".join(syllable[0] for syllable in (*reading, *spelled))))
    return frozenset(keys)


def _surname_readings(surname: str) -> set[tuple[str, ...]]:
    everyday = tuple(lazy_pinyin(surname))
    if surname not in SURNAME_READINGS:
        return {everyday, *product(*(_readings(character) for character in surname))}
    return {everyday, *(tuple(reading.split()) for reading in SURNAME_READINGS[surname])}


def _readings(character: str) -> tuple[str, ...]:
    reading = lazy_pinyin(character)[0]
    # lü and nü are typed lv by some and lu by others
    return (reading, reading.replace("v", "u")) if "v" in reading and not character.isascii() else (reading,)


def _beginnings(text: str) -> Iterator[str]:
    text = text[:_LONGEST_PREFIX]
    return (text[:length] for length in range(1, len(text) + 1))
