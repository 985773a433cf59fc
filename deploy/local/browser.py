"""Chromium and Chinese fonts, which the browser tests need from the operating system."""

import os
import shutil
import subprocess
from pathlib import Path

from deploy.local.failure import Failure

PACKAGES = {"chromium": "a Chromium browser", "fonts-noto-cjk": "Chinese fonts"}


def missing() -> list[str]:
    """The Debian packages that would have to be installed."""
    absent = []
    if shutil.which("chromium") is None:
        absent.append("chromium")
    if not _has_chinese_fonts():
        absent.append("fonts-noto-cjk")
    return absent


def _has_chinese_fonts() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listed = subprocess.run([lister, ":lang=zh", "family"], capture_output=True, check=False)  # noqa: S603
    return bool(listed.stdout.strip())


def install(packages: list[str], log: Path) -> None:
    """Installs them where we may. Raises Failure that says what to install where we may not, or it did not work."""
    words = " and ".join(PACKAGES[package] for package in packages)
    command = f"apt-get install {' '.join(packages)}"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Failure(f"The browser tests need {words}. On Debian: sudo {command}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("wb") as output:
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages, "fontconfig"]):
            done = subprocess.run(  # noqa: S603
                [apt, *arguments], env=quiet, stdout=output, stderr=subprocess.STDOUT, check=False
            )
            if done.returncode != 0:
                raise Failure(f"Installing {words} failed: {command}", log)
