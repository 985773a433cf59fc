"""`python -m services.<name> api --port 8103` and `python -m services.<name> worker --health-port 8113`."""

import asyncio
import gc
import sys
from collections.abc import Sequence

import uvloop
from cyclopts import App
from pydantic import ValidationError

from services.chassis.processes.api import run_api
from services.chassis.processes.definition import Runtime, ServiceDefinition
from services.chassis.processes.worker import REFUSED, run_worker, stop_on_signals
from services.chassis.settings import Environment, UnsafeSettings, in_words
from services.chassis.telemetry import logging, tracing

LOOPBACK = "127.0.0.1"


def main(definition: ServiceDefinition, arguments: Sequence[str] | None = None) -> None:
    """The command line of one service; ends the process with its exit code."""
    app = App(
        name=f"python -m services.{definition.name}", help="The processes of this service.", version_flags=[]
    )

    @app.command
    def api(*, port: int, host: str = LOOPBACK) -> int:
        """Serve pages and the JSON interface.

        Parameters
        ----------
        port: where to listen.
        host: the address to listen on; 0.0.0.0 in a container.
        """
        return run_api(definition, _begin(definition), host, port)

    @app.command
    def worker(*, health_port: int, host: str = LOOPBACK) -> int:
        """Send the outbox, do what is due, and read events.

        Parameters
        ----------
        health_port: where /livez, /readyz and /metrics are answered.
        host: the address to listen on; 0.0.0.0 in a container.
        """
        return uvloop.run(_worker(definition, _begin(definition), host, health_port))

    try:
        code = app(arguments, exit_on_error=True, result_action="return_value")
    except UnsafeSettings as error:
        print(error, file=sys.stderr)
        code = REFUSED
    except ValidationError as error:
        # of the settings of a part, which `build_api` read
        print(in_words(error), file=sys.stderr)
        code = REFUSED
    finally:
        tracing.shut_down()
    sys.exit(code)


async def _worker(definition: ServiceDefinition, runtime: Runtime, host: str, health_port: int) -> int:
    stop = asyncio.Event()
    stop_on_signals(stop)
    return await run_worker(definition, runtime, host, health_port, stop)


def _begin(definition: ServiceDefinition) -> Runtime:
    """Read the settings and set up what every process of ours has."""
    runtime = definition.runtime()
    set_up_telemetry(definition.name, runtime.environment)
    spare_what_stays()
    return runtime


def spare_what_stays() -> None:
    """Have the garbage collector leave alone what is there by now: modules, classes and schemas, for good.

    A batch of events makes thousands of small objects, each few of which set it off, and it then walked through all
    of these as well: a third of a busy worker's time.
    """
    gc.collect()
    gc.freeze()


def set_up_telemetry(service: str, environment: Environment) -> None:
    """Log lines and traces as the environment asks for."""
    logging.configure(service, as_json=environment.is_production, level=environment.log_level)
    exporter = tracing.LogSpanExporter() if environment.traces == "log" else None
    tracing.set_up(service, exporter, share=environment.traces_share)
