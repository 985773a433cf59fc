"""Files as people's programs write them: encodings, delimiters, headings, cells."""

import csv
import io
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from services.clients.files.people import Birthday
from services.clients.imports.columns import Column, guessed
from services.clients.imports.model import MOST_ROWS
from services.clients.imports.reading import Unreadable, opened
from services.clients.imports.rows import entry_of
from services.contracts.clients import Grade, Intent
from tests.clients.samples import NOW

HEADINGS = ["客户姓名", "手机号码", "备注"]
ROWS = [["王小明", "138 0013 8000", "午休,勿扰"], ["欧阳静怡", "13900139000", ""]]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def as_csv(encoding: str, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([HEADINGS, *ROWS])
    return text.getvalue().encode(encoding)


def as_xlsx(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_csv_is_read_in_any_encoding_with_any_delimiter(encoding: str, delimiter: str) -> None:
    table = opened(as_csv(encoding, delimiter))
    assert table.headings == tuple(HEADINGS)
    assert [row.cells for row in table.rows] == [tuple(row) for row in ROWS]


def test_a_sheet_gives_text_as_people_see_it() -> None:
    data = as_xlsx(
        ["姓名", "电话", "登记日期", "最近联系", "比例"],
        ["王小明", 13800138000, date(2024, 5, 6), datetime(2025, 1, 2, 15, 30), 0.5],  # noqa: DTZ001 - a sheet knows no zone
        [None, None, None, None, None],
        ["李红", "13900139000", None, None, None],
    )
    table = opened(data)
    assert table.encoding == "xlsx"
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ("王小明", "13800138000", "2024-05-06", "2025-01-02 15:30:00", "0.5")),
        (4, ("李红", "13900139000", "", "", "")),
    ]


def test_what_stands_above_and_beside_the_table_is_no_trouble() -> None:
    data = "\n\n姓名,电话,,\n王小明,13800138000\n,,,\n李红,13900139000,x,y\n".encode()
    table = opened(data)
    assert table.headings == ("姓名", "电话")
    assert [(row.number, row.cells) for row in table.rows] == [
        (4, ("王小明", "13800138000")),
        (6, ("李红", "13900139000")),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n\n,,\n",
        b"PK\x03\x04 not a zip",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a sheet" * 40,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xff\xff\xff\xff",
        ",".join(f"c{n}" for n in range(61)).encode() + b"\n1",
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Unreadable):
        list(opened(data).rows)


def test_a_file_of_too_many_rows_is_refused() -> None:
    with pytest.raises(Unreadable):
        list(opened(b"name\n" + b"a\n" * (MOST_ROWS + 1)).rows)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["姓名", "手机", "备注"], [Column.NAME, Column.PHONE, Column.NOTE]),
        (["* 客户姓名：", "联系电话（必填）", "跟进人"], [Column.NAME, Column.PHONE, Column.OWNER]),
        (["Full Name", "Mobile_Phone", "E-Mail"], [Column.NAME, Column.PHONE, Column.EMAIL]),
        (["电话", "手机", "手机号", "电话号码"], [Column.PHONE, Column.PHONE_2, Column.PHONE_3, None]),
        (["备注", "说明"], [Column.NOTE, None]),
        (["建档时间", "最近跟进", "客户等级"], [Column.REGISTERED, Column.LAST_CONTACT, Column.GRADE]),
        (["王小明", "13800138000"], [None, None]),
        (["", "name"], [None, Column.NAME]),
    ],
)
def test_columns_are_guessed_from_their_headings(headings: list[str], expected: list[Column | None]) -> None:
    assert list(guessed(headings)) == expected


ALL = (
    Column.NAME,
    Column.PHONE,
    Column.GRADE,
    Column.INTENT,
    Column.REGISTERED,
    Column.LAST_CONTACT,
    Column.BIRTHDAY,
    Column.TAGS,
    None,
)


def test_a_row_says_everything_that_it_says() -> None:
    cells = (
        " 王 小明",
        "+86 138-0013-8000",
        "a类",
        "",
        "2024年5月6日",
        "2025/1/2 15:30",
        "农历8月15",
        "学区房，急售 学区房",
        "x",
    )
    entry, wrong = entry_of(cells, ALL, SHANGHAI, NOW)
    assert wrong == []
    assert entry is not None
    assert entry.contact.name == "王 小明"
    assert entry.phones() == ("13800138000",)
    assert (entry.grade, entry.intent) == (Grade.A, Intent.REAL)
    assert entry.registered_at == datetime(2024, 5, 5, 16, tzinfo=UTC)
    assert entry.contacted_at == datetime(2025, 1, 2, 7, 30, tzinfo=UTC)
    assert entry.contact.birthday == Birthday(8, 15, lunar=True)
    assert entry.tags == ("学区房", "急售 学区房")


def test_everything_that_is_wrong_with_a_row_is_said_at_once() -> None:
    cells = ("", "12345", "D", "vielleicht", "2099-01-01", "gestern", "31.2.", "", "")
    entry, wrong = entry_of(cells, ALL, SHANGHAI, NOW)
    assert entry is None
    assert {column for column, _ in wrong} == {
        "name",
        "phone",
        "grade",
        "intent",
        "registered",
        "last_contact",
        "birthday",
    }


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20240506", 6),
        ("2024.5.6", 6),
        ("2024-05-06T08:00:00", 6),
        ("２０２４年５月６日", 6),
    ],
)
def test_days_as_people_write_them(text: str, day: int) -> None:
    entry, _ = entry_of(("王", text), (Column.NAME, Column.REGISTERED), SHANGHAI, NOW)
    assert entry is not None
    assert entry.registered_at is not None
    assert entry.registered_at.astimezone(SHANGHAI).date() == date(2024, 5, day)


def test_a_client_was_known_when_somebody_first_spoke_with_them() -> None:
    columns = (Column.NAME, Column.REGISTERED, Column.LAST_CONTACT)
    entry, _ = entry_of(("王", "2025-01-01", "2024-01-01"), columns, SHANGHAI, NOW)
    assert entry is not None
    assert entry.registered_at == entry.contacted_at
