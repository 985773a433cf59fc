"""Which port a process gets."""

import socket

import pytest

from deploy.local.failure import Failure
from deploy.local.ports import Ports, any_free, is_free


def test_the_usual_port_is_taken_when_it_is_free() -> None:
    ports = Ports({}, free=lambda port: True)
    assert ports.choose("gateway", 8080) == 8080
    assert ports.moved == {}


def test_a_taken_usual_port_is_replaced_by_the_next_free_one_and_remembered() -> None:
    ports = Ports({}, free=lambda port: port not in {8080, 8081})
    assert ports.choose("gateway", 8080) == 8082
    assert ports.moved == {"gateway": (8080, 8082)}


def test_no_port_is_given_twice() -> None:
    ports = Ports({}, free=lambda port: True)
    assert [ports.choose(name, 8080) for name in ("a", "b", "c")] == [8080, 8081, 8082]


def test_a_port_that_a_setting_names_is_obeyed() -> None:
    ports = Ports({"MUSTER_KAFKA_CONTROLLER_PORT": "7000"}, free=lambda port: True)
    assert ports.choose("kafka-controller", 9093) == 7000


def test_a_taken_port_that_a_setting_names_is_refused_with_the_settings_name() -> None:
    ports = Ports({"MUSTER_GATEWAY_PORT": "7000"}, free=lambda port: False)
    with pytest.raises(Failure, match="MUSTER_GATEWAY_PORT asks for port 7000"):
        ports.choose("gateway", 8080)


def test_two_settings_cannot_name_one_port() -> None:
    ports = Ports({"MUSTER_A_PORT": "7000", "MUSTER_B_PORT": "7000"}, free=lambda port: True)
    ports.choose("a", 1)
    with pytest.raises(Failure, match="another part of Muster"):
        ports.choose("b", 2)


@pytest.mark.parametrize("value", ["0", "65536", "http", "-1", "80.5"])
def test_what_is_no_port_is_refused(value: str) -> None:
    with pytest.raises(Failure, match="from 1 to 65535"):
        Ports({"MUSTER_GATEWAY_PORT": value}).choose("gateway", 8080)


def test_when_nothing_near_is_free_the_range_is_named() -> None:
    with pytest.raises(Failure, match="8080 to 8279"):
        Ports({}, free=lambda port: False).choose("gateway", 8080)


def test_a_port_somebody_listens_on_is_not_free_until_they_stop() -> None:
    [port] = any_free(1)
    assert is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    assert is_free(port)


def test_ports_picked_together_differ() -> None:
    assert len(set(any_free(200))) == 200
