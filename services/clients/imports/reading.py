"""Files of clients as tables of text: xlsx, xls and csv in the encodings that people's programs write.

A row comes with its number as the program shows it. Rows are read one after another; a csv never stands in memory as
a whole a second time, a sheet does once, inside the reader, and `MOST_BYTES` and the check of what an archive unpacks
to keep that small.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

import python_calamine

from services.chassis.errors import N_, Problem
from services.clients.imports.model import MOST_ROWS

MOST_COLUMNS = 60
LONGEST_CELL = 2_000
MOST_UNPACKED = 250_000_000
"""Bytes that the parts of a spreadsheet may unpack to."""
_DELIMITERS = (",", "\t", ";", "|")
_LOOKED_AT = 20
_LONGEST_HEADING = 100


class Unreadable(Problem):
    """Not a table that can be read."""

    status = 422
    code = "file-unreadable"
    title = N_("This file cannot be read: send xlsx, xls, or csv in UTF-8 or GB18030")


@dataclass(frozen=True)
class Row:
    number: int
    """As the program shows it: the headings are number 1."""
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file that was opened."""

    headings: tuple[str, ...]
    rows: Iterator[Row]
    """Rows in which anything stands; each as wide as the headings. Raises `Unreadable` when there are too many."""
    encoding: str
    """Of a csv; `xlsx` or `xls` otherwise."""


def opened(data: bytes) -> Table:
    """The table in this file. Raises `Unreadable`, in words, for what is none."""
    if data[:4] == b"PK\x03\x04":
        raw, encoding = _sheet(data, "xlsx"), "xlsx"
    elif data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raw, encoding = _sheet(data, "xls"), "xls"
    else:
        encoding = _encoding_of(data)
        raw = _csv(data, encoding)
    filled = ((number, cells) for number, cells in enumerate(raw, 1) if any(cells))
    first = next(filled, None)
    if first is None:
        raise Unreadable(N_("There is nothing in this file"))
    headings = tuple(cell[:_LONGEST_HEADING] for cell in _without_tail(first[1]))
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(N_("This file has too many columns"))
    return Table(headings, _rows(filled, len(headings)), encoding)


def _rows(filled: Iterator[tuple[int, Sequence[str]]], width: int) -> Iterator[Row]:
    for count, (number, cells) in enumerate(filled, 1):
        if count > MOST_ROWS:
            raise Unreadable(N_("This file has too many rows; split it"))
        some = tuple(cells[:width])
        yield Row(number, some + ("",) * (width - len(some)))


def _without_tail(cells: Sequence[str]) -> Sequence[str]:
    end = max((place for place, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:end]


def _encoding_of(data: bytes) -> str:
    """utf-8 where it is that, else gb18030. Raises `Unreadable` for what is no text at all."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        candidates: tuple[str, ...] = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030") if data[:3] == b"\xef\xbb\xbf" else ("utf-8", "gb18030")
    if b"\x00" in data[:4096] and candidates[0] != "utf-16":
        raise Unreadable
    for encoding in candidates:
        try:
            for piece in _decoded(data, encoding):
                del piece
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable


def _decoded(data: bytes, encoding: str) -> Iterator[str]:
    """The text in pieces, so that the whole of it is never there."""
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        while piece := text.read(1 << 16):
            yield piece


def _csv(data: bytes, encoding: str) -> Iterator[Sequence[str]]:
    delimiter = _delimiter_of(data, encoding)
    csv.field_size_limit(1 << 20)
    with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
        try:
            for cells in csv.reader(text, delimiter=delimiter):
                yield [_clean(cell) for cell in cells]
        except csv.Error:
            raise Unreadable from None


def _delimiter_of(data: bytes, encoding: str) -> str:
    """The character that cuts the first lines into the most columns, the same number in most lines."""

    def columns(delimiter: str) -> tuple[int, int]:
        with io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="") as text:
            try:
                widths = [len(cells) for cells in islice(csv.reader(text, delimiter=delimiter), _LOOKED_AT)]
            except csv.Error:
                return 0, 0
        usual = max(set(widths), key=widths.count, default=0)
        return (widths.count(usual) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=columns)


def _sheet(data: bytes, kind: str) -> Iterator[Sequence[str]]:
    if kind == "xlsx":
        _refuse_bombs(data)
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(data))
        sheet = workbook.get_sheet_by_index(0)
        rows = sheet.iter_rows()
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        raise Unreadable from None
    for _ in range(sheet.start[0] if sheet.start else 0):
        yield []
    for cells in rows:
        yield [_text(cell) for cell in cells]


def _refuse_bombs(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except zipfile.BadZipFile:
        raise Unreadable from None
    if len(parts) > 2_000 or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable(N_("This spreadsheet unpacks to too much"))


def _text(cell: Any) -> str:
    match cell:
        case bool():
            return "1" if cell else "0"
        case float():
            return str(int(cell)) if cell.is_integer() else str(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
        case date() | time():
            return cell.isoformat()
        case timedelta():
            return str(cell)
        case _:
            return _clean(str(cell))


def _clean(cell: str) -> str:
    return " ".join(cell.replace("\x00", "").split())[:LONGEST_CELL]
