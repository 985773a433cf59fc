"""Faust still has the shape that `consumer.py` relies on. Fails first when a pinned version is moved."""

import inspect
import subprocess
import sys
from importlib.metadata import version

import pytest
from faust.transport.conductor import Conductor
from faust.transport.consumer import Consumer
from faust.transport.drivers.aiokafka import Consumer as AIOKafkaConsumer
from faust.transport.drivers.aiokafka import Transport


@pytest.mark.parametrize(
    ("package", "measured"),
    [("faust-streaming", "0.15.3"), ("aiokafka", "0.14.0"), ("mode-streaming", "0.7.1")],
)
def test_the_versions_are_those_that_were_measured(package: str, measured: str) -> None:
    assert version(package) == measured


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("getmany", ["self", "timeout"]),
        ("_wait_next_records", ["self", "timeout"]),
        ("_to_message", ["self", "tp", "record"]),
        ("_commit_offsets", ["self", "offsets", "start_new_transaction"]),
        ("force_commit", ["self", "topics", "start_new_transaction"]),
        ("maybe_wait_for_commit_to_finish", ["self"]),
        ("wait_empty", ["self"]),
        ("perform_seek", ["self"]),
        ("stop_flow", ["self"]),
        ("_add_gap", ["self", "tp", "offset_from", "offset_to"]),
        ("on_buffer_full", ["self", "tp"]),
        ("on_buffer_drop", ["self", "tp"]),
        ("on_partitions_revoked", ["self", "revoked"]),
        ("on_partitions_assigned", ["self", "assigned", "generation_id"]),
    ],
)
def test_what_is_called_or_replaced_is_still_there(name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(AIOKafkaConsumer, name)).parameters) == parameters


@pytest.mark.parametrize(
    ("function", "lines"),
    [
        # getmany is where messages come from, and the only thing that is asked
        (
            Consumer._drain_messages,
            ["getmany(timeout=1.0)", "async for tp, message in ait", "callback(message)"],
        ),
        # every commit goes through force_commit
        (Consumer.commit, ["await self.force_commit("]),
        (Consumer._commit_handler.fun, ["await self.commit()"]),
        # leaving goes through wait_empty
        (Consumer.on_stop, ["await self.wait_empty()"]),
        # what is committed is remembered where standings are read
        (Consumer._commit_offsets, ["self._committed_offset.update(committable_offsets)"]),
        # the conductor blocks on a full queue, which is what holds the fetcher back
        (Conductor._build_handler, ["ConductorHandler(self, tp, channels)"]),
    ],
)
def test_the_flow_between_the_parts_is_the_one_we_know(function: object, lines: list[str]) -> None:
    source = inspect.getsource(function)  # type: ignore[arg-type]
    for line in lines:
        assert line in source


def test_the_transport_makes_the_consumer_from_its_attribute() -> None:
    assert Transport.Consumer is AIOKafkaConsumer
    assert "self.Consumer(" in inspect.getsource(Transport.create_consumer)


def test_importing_the_runtime_starts_nothing() -> None:
    """No loop, no thread, no web server, no folder: those come with `start`."""
    script = (
        "import asyncio, threading, os\n"
        "asyncio.new_event_loop = asyncio.get_event_loop = None\n"
        "import services.chassis.streams.worker\n"
        "assert threading.active_count() == 1\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
