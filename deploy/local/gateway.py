"""Caddy in front of the services: one site, as it is behind an ingress elsewhere."""

import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program

CADDYFILE = Path(__file__).parent / "Caddyfile"


def environment(port: int, apis: Mapping[str, int]) -> dict[str, str]:
    """What the Caddyfile asks of its environment, for APIs on these ports of this machine."""
    places = {f"{service.upper()}_UPSTREAM": f"{LOOPBACK}:{api}" for service, api in apis.items()}
    return {"GATEWAY_BIND": LOOPBACK, "GATEWAY_PORT": str(port), **places}


def prepare(home: Home, port: int, apis: Mapping[str, int]) -> Program:
    """What to run. Raises Failure when the package with Caddy is not installed."""
    binary = Path(sys.executable).with_name("caddy")
    if not binary.exists():
        raise Failure("The package with Caddy is not installed; run `make setup`.")
    own = home.data / "gateway"
    own.mkdir(parents=True, exist_ok=True)
    folders = {"XDG_DATA_HOME": str(own), "XDG_CONFIG_HOME": str(own)}
    command = (str(binary), "run", "--config", str(CADDYFILE), "--adapter", "caddyfile")
    return Program("gateway", command, {**environment(port, apis), **folders})
