"""What the machine needs beyond the Python packages. Quick when nothing changed: each part leaves its fingerprint."""

from deploy.local import assets, browser, catalogues
from deploy.local.home import PROJECT
from deploy.local.screen import Screen

MUSTER = PROJECT / ".muster"


def set_up(screen: Screen) -> None:
    """Installs what pages load and compiles the translations. Raises Failure."""
    logs = MUSTER / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    stamp = MUSTER / "stamps" / "assets"
    stamp.parent.mkdir(exist_ok=True)
    if not (assets.are_there() and stamp.exists() and stamp.read_text() == assets.fingerprint()):
        with screen.step("Installing what the pages load (npm)"):
            assets.install(logs / "npm.log")
        stamp.write_text(assets.fingerprint())
    changed = catalogues.out_of_date()
    if changed:
        with screen.step("Compiling translations"):
            catalogues.compile_all(changed)


def set_up_browser(screen: Screen) -> None:
    """Makes sure that the browser tests can run. Raises Failure."""
    packages = browser.missing()
    if packages:
        (MUSTER / "logs").mkdir(parents=True, exist_ok=True)
        with screen.step(f"Installing {' and '.join(packages)} for the browser tests"):
            browser.install(packages, MUSTER / "logs" / "apt.log")
