"""`python -m deploy.local`: what `make run`, `make demo` and `make setup` call."""

import os
import sys
from pathlib import Path

from cyclopts import App

from deploy.local.failure import Failure
from deploy.local.home import PROJECT, Home
from deploy.local.interruption import Interrupted, interruptions
from deploy.local.screen import Screen

app = App(name="deploy.local", help="Muster on one machine.")


def _home() -> Home:
    return Home(Path(os.environ.get("MUSTER_HOME") or PROJECT / ".muster").resolve())


@app.command
def run() -> None:
    """Bring up Kafka, MongoDB, the gateway and the services; Ctrl-C stops them in order."""
    from deploy.local.stack import run

    run(_home(), os.environ, Screen())


@app.command
def servers() -> None:
    """Bring up Kafka and MongoDB alone, for instance to run tests against again and again."""
    from deploy.local.stack import run

    run(_home(), os.environ, Screen(), only_servers=True)


@app.command
def demo(size: str = "full") -> None:
    """Load the demo company into the Muster that is running."""
    from deploy.local.demo import load
    from deploy.local.stack import running_environment

    with interruptions(again=lambda: None):
        load(_home(), size, running_environment(_home()))


@app.command
def setup() -> None:
    """Install what the pages load, and compile the translations."""
    from deploy.local.setting_up import set_up

    set_up(Screen())


@app.command
def browser() -> None:
    """Install what the browser tests need."""
    from deploy.local.setting_up import set_up_browser

    set_up_browser(Screen())


def main() -> int:
    """The exit code: 0 when all went well or was ended by Ctrl-C after the start, 1 with words otherwise."""
    try:
        app()
    except Failure as failure:
        Screen().failed(failure)
        return 1
    except Interrupted:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
