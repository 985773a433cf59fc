"""The real broker: Apache Kafka as one KRaft node. Its jars come through Maven, its data stays in the home."""

import base64
import hashlib
import re
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

from deploy.local.failure import Failure
from deploy.local.home import PROJECT, TOOLS, Home
from deploy.local.ports import LOOPBACK
from deploy.local.processes import Program

FOLDER = Path(__file__).parent / "kafka"
POM = FOLDER / "pom.xml"
OLDEST_JAVA = 17
HEAP = ("-Xms256m", "-Xmx768m")


def java_version(printed: str) -> int | None:
    """The major version in what `java -version` prints; None when there is none."""
    found = re.search(r'version "(\d+)(?:\.(\d+))?', printed)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2] or 0)
    return second if first == 1 else first


def missing() -> str | None:
    """What Apache Kafka would need and this machine lacks, in words; None when all is there."""
    java = shutil.which("java")
    if java is None:
        return f"Java {OLDEST_JAVA} or later is not installed"
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = java_version(printed.stderr + printed.stdout)
    if version is None or version < OLDEST_JAVA:
        return f"Java {OLDEST_JAVA} or later is needed, this is {version or 'unknown'}"
    if shutil.which("mvn") is None and not jars_folder().is_dir():
        return "Maven is not installed"
    return None


def jars_folder() -> Path:
    """Where the jars of exactly this pom.xml are, or will be."""
    return TOOLS / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def fetch_jars() -> Path:
    """The folder with the jars, fetched if need be; two starts at once may both fetch, and one wins."""
    jars = jars_folder()
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise Failure("Maven is needed to fetch Apache Kafka.")
    TOOLS.mkdir(parents=True, exist_ok=True)
    log = TOOLS / "maven.log"
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        arriving = Path(folder) / "jars"
        command = [maven, "-B", "--strict-checksums", "-f", str(POM), "dependency:copy-dependencies"]
        command += [f"-DoutputDirectory={arriving}", "-DincludeScope=runtime"]
        with log.open("wb") as output:
            done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False, cwd=PROJECT)  # noqa: S603
        if done.returncode != 0:
            raise Failure("Maven could not fetch Apache Kafka.", log)
        if not jars.is_dir():
            arriving.replace(jars)
    return jars


def version() -> str:
    """The version that pom.xml pins."""
    found = re.search(
        r"<artifactId>kafka_[\d.]+</artifactId>\s*<version>([^<]+)</version>", POM.read_text("utf-8")
    )
    return found[1] if found else "of an unknown version"


def prepare(home: Home, port: int, controller_port: int) -> Program:
    """Writes the settings, formats the folder the first time, and returns what to run. Raises Failure."""
    data = home.data / "kafka"
    data.mkdir(parents=True, exist_ok=True)
    settings = data / "server.properties"
    settings.write_text(
        (FOLDER / "server.properties").read_text(encoding="utf-8")
        + f"controller.quorum.voters=1@{LOOPBACK}:{controller_port}\n"
        f"listeners=PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}\n"
        f"advertised.listeners=PLAINTEXT://{LOOPBACK}:{port}\n"
        f"log.dirs={data / 'log'}\n",
        encoding="utf-8",
    )
    java = ("java", f"-Dlog4j2.configurationFile={FOLDER / 'log4j2.xml'}", "-cp", f"{fetch_jars()}/*")
    if not (data / "log" / "meta.properties").exists():
        _format(home, java, settings)
    return Program(
        "kafka", (*java[:1], *HEAP, "-XX:+UseG1GC", *java[1:], "kafka.Kafka", str(settings)), patience=20
    )


def _format(home: Home, java: tuple[str, ...], settings: Path) -> None:
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    log = home.logs / "kafka-format.log"
    command = (
        *java,
        "kafka.tools.StorageTool",
        "format",
        "-t",
        cluster,
        "-c",
        str(settings),
        "--ignore-formatted",
    )
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)  # noqa: S603
    if done.returncode != 0:
        raise Failure("Apache Kafka could not format its folder.", log)
