"""Initials and a tint for somebody without a picture; the same person always looks the same."""

import hashlib

TINTS = 8


def text(name: str) -> str:
    """The last two characters of a Chinese name (张伟 and 欧阳娜娜 -> 张伟, 娜娜), else the initials."""
    name = name.strip()
    if not name:
        return "?"
    if any("\u4e00" <= char <= "\u9fff" for char in name):
        return name[-2:] if len(name) > 2 else name[-1:] if len(name) == 2 else name
    words = [word for word in name.split() if word]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def tint(key: str) -> int:
    """A number of the palette, from a person's id."""
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()[0] % TINTS
