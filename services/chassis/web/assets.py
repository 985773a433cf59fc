"""Files that pages load: addressed by a digest of their content, so browsers may keep them for ever."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from services.chassis.errors import NotFound

CHASSIS = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}
_WORTH_PACKING = {".css", ".js", ".svg", ".json", ".webmanifest"}
_DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Asset:
    """A file as it is sent."""

    digest: str
    media_type: str
    plain: bytes
    packed: bytes | None
    """Compressed with gzip, where that is worth it."""


@lru_cache(maxsize=256)
def _load(path: Path, _changed: int) -> Asset:
    plain = path.read_bytes()
    packed = gzip.compress(plain, 6, mtime=0) if path.suffix in _WORTH_PACKING else None
    digest = hashlib.sha256(plain).hexdigest()[:_DIGEST_LENGTH]
    return Asset(digest, _TYPES[path.suffix], plain, packed)


class Assets:
    """The folders with assets: the chassis's own under `/assets`, a service's under `/<service>/assets`."""

    def __init__(self, service: str, folder: Path | None = None) -> None:
        self._roots: Mapping[str, tuple[Path, str]] = {
            "": (CHASSIS, "/assets"),
            **({service: (folder, f"/{service}/assets")} if folder is not None else {}),
        }

    def url(self, name: str) -> str:
        """Where the browser finds `muster.css` of the chassis, or `clients/today.js` of the service clients."""
        key, rest = self._split(name)
        root, prefix = self._roots[key]
        asset = self._asset(root, rest)
        return f"{prefix}/{asset.digest}/{rest}"

    def response(self, key: str, digest: str, name: str, request: Request) -> Response:
        """The file; kept for ever by the browser when the digest is the content's. Raises `NotFound`."""
        if key not in self._roots:
            raise NotFound
        asset = self._asset(self._roots[key][0], name)
        packed = asset.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Cache-Control": "public, max-age=31536000, immutable" if digest == asset.digest else "no-cache",
            "ETag": f'"{asset.digest}"',
            "Vary": "Accept-Encoding",
        }
        if packed:
            headers["Content-Encoding"] = "gzip"
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        content = asset.packed if packed else asset.plain
        return Response(content, media_type=asset.media_type, headers=headers)

    def _split(self, name: str) -> tuple[str, str]:
        first, _, rest = name.partition("/")
        return (first, rest) if rest and first in self._roots else ("", name)

    @staticmethod
    def _asset(root: Path, name: str) -> Asset:
        if "\0" in name:
            raise NotFound
        path = (root / name).resolve()
        if not path.is_relative_to(root.resolve()) or path.suffix not in _TYPES or not path.is_file():
            raise NotFound
        return _load(path, path.stat().st_mtime_ns)
