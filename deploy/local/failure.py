"""What ends a start: a sentence for whoever typed the command, and the log that tells more."""

from pathlib import Path


class Failure(Exception):
    """Something needed is missing or did not come up. `log` is the file whose last lines explain it."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.log = log


def last_lines(log: Path, count: int = 15) -> list[str]:
    """The last lines of a log, oldest first; none when the file is not there."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = [line for line in text.splitlines() if line.strip()]
    # MongoDB ends with pages of stack frames; what it complained of stands before them
    complaints = [line for line in lines if line.startswith("{") and ('"s":"E"' in line or '"s":"F"' in line)]
    return (complaints or lines)[-count:]
