"""A client that costs little beside what it measures: one connection, one request at a time."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import orjson


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


class Connection:
    """A kept-alive HTTP/1.1 connection. For answers with a Content-Length, which those of the JSON routes have."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader = reader
        self._writer = writer
        self._host = host

    @classmethod
    @asynccontextmanager
    async def to(cls, url: str) -> AsyncIterator[Self]:
        """A connection to this address (http://host:port), closed after the body."""
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 20)
        try:
            yield cls(reader, writer, parts.netloc)
        finally:
            writer.close()

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer. Raises `asyncio.IncompleteReadError` when the server hangs up."""
        await self.send(method, path, body, headers)
        return await self.receive()

    async def send(self, method: str, path: str, body: Any, headers: Mapping[str, str] | None) -> None:
        payload = orjson.dumps(body) if body is not None else b""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(payload)}"]
        lines += ["Content-Type: application/json"] if payload else []
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + payload)
        await self._writer.drain()

    async def receive(self) -> Answer:
        status, headers = await self.head()
        return Answer(status, headers, await self._reader.readexactly(int(headers.get("content-length", 0))))

    async def head(self) -> tuple[int, dict[str, str]]:
        """Status and headers; the body is left to be read."""
        first, *lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines if line)
        return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}

    async def events(self) -> AsyncIterator[str]:
        """The texts of a stream of server-sent events that is sent in chunks; ends when the server ends it."""
        buffer = b""
        while size := int(await self._reader.readuntil(b"\r\n"), 16):
            buffer += (await self._reader.readexactly(size + 2))[:-2]
            *whole, buffer = buffer.replace(b"\r\n", b"\n").split(b"\n\n")
            for text in whole:
                yield text.decode()
