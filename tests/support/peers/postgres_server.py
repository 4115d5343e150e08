"""A real PostgreSQL of our own: its cluster in a temporary folder, reached by a socket there, stopped afterwards."""

import contextlib
import itertools
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.support.ledgers.samples import SCOPE
from tests.support.peers.peers import missing
from tests.support.places import ROOT
from verifier.ledger.postgres.store import create_ledger

ADMINISTRATOR = "postgres"
DENIED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.IntegrityConstraintViolation,
    psycopg.errors.CheckViolation,
)
CALL = "SELECT verifier_ledger.{}(string_to_array(%s, chr(10)), %s, %s::bigint)"
"""A call past our own code: `record` or `operate`."""
LOADER = """
import sys
from datetime import UTC, datetime
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.ledger.advance import Circumstances, record
from verifier.versions.candidate import Candidate, VersionRules
from verifier.ledger.postgres.store import open_ledger
from verifier.versions.schemes import Scheme

url, scope, start, step, count = *sys.argv[1:3], *map(int, sys.argv[3:])
rules = VersionRules(scheme=Scheme.INTEGER)
circumstances = Circumstances(now=datetime(2026, 6, 1, 12, tzinfo=UTC))
with open_ledger(url) as ledger:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(start, start + step * count, step):
        version = str(number)
        asked = Candidate(version=version, scheme=Scheme.INTEGER, digest=Digest.of(version.encode()))
        try:
            accepted = record(ledger, scope, asked, rules, circumstances).accepted
        except Refused as refused:
            sys.exit(refused.reasons[0].code)
        if accepted:
            print(version, flush=True)
"""
"""Prints each version once it was accepted; ends with the reason where the ledger refuses."""

_NUMBERS = itertools.count(1)
GUIDE = ROOT / "docs" / "ledger-postgresql.md"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """One cluster. `user` runs it: PostgreSQL refuses root. `prefix` is what its start is run by.

    `port` names its socket, and is also that of TCP where `settings` let it listen there.
    """

    binaries: Path
    folder: Path
    user: str | None
    settings: str = ""
    prefix: tuple[str, ...] = ()
    port: int = 5432

    def url(self, user: str, database: str, **parameters: str) -> str:
        """The URL of a database for a role, with libpq's parameters."""
        found = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        place = quote(str(self.folder), safe="") + ("" if self.port == 5432 else f":{self.port}")
        return f"postgresql://{user}@{place}/{database}" + (f"?{found}" if found else "")

    def connect(self, user: str, database: str) -> psycopg.Connection:
        """A connection outside the ledger's code."""
        return psycopg.connect(self.url(user, database), autocommit=True)

    def sql(self, database: str, *statements: str, user: str = ADMINISTRATOR) -> list:
        """The rows of the last statement."""
        with self.connect(user, database) as connection:
            cursor = None
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor is not None and cursor.description else []

    def script(self, database: str, text: str, user: str = ADMINISTRATOR) -> None:
        """Run a script as `psql` does."""
        self.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.url(user, database), "-f", "-", text=text)

    def start(self) -> None:
        """Start it and wait until it answers."""
        ours = f"-k {self.folder} -c port={self.port} -c listen_addresses='' -c fsync=off -c max_connections=150"
        options = f"{ours} {self.settings}"
        data = ("-D", str(self.folder / "data"), "-l", str(self.folder / "log"))
        self.run("pg_ctl", *data, "-o", options, "-w", "-t", "60", "start", prefix=self.prefix)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is a crash, which the next start recovers from."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "-t", "60", "stop")

    def kill(self) -> None:
        """Kill the server's first process, as the kernel does where memory ends, and wait until the others are gone."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        with contextlib.ExitStack() as stack:
            ended = [stack.enter_context(_watched(int(process))) for process in (first, *others)]
            os.kill(first, signal.SIGKILL)
            for process in ended:
                assert select.select([process], [], [], 60)[0]
        # In a container without an init that reaps, a dead process looks alive to the next start.
        for lock in ("data/postmaster.pid", f".s.PGSQL.{self.port}.lock"):
            (self.folder / lock).unlink()

    def wait(self) -> None:
        """Wait until it answers."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-t", "60", "status")
        for _ in range(100_000):
            with contextlib.suppress(psycopg.OperationalError):
                return self.connect(ADMINISTRATOR, "postgres").close()
        pytest.fail("the server does not answer")

    def wait_until_alone(self) -> None:
        """Wait until no ledger's connection is left: what was sent by a killed process may be executed after it."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'policy-verifier'"
        with self.connect(ADMINISTRATOR, "postgres") as connection:
            for _ in range(100_000):
                if connection.execute(query).fetchone() == (0,):
                    return
        pytest.fail("there are still connections")

    def allow(self, *lines: str) -> None:
        """Put lines before those of pg_hba.conf; heeded from the next start on."""
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text("\n".join((*lines, rules.read_text())))

    def run(self, program: str, *arguments: str, text: str = "", prefix: Sequence[str] = ()) -> bytes:
        """Run one of PostgreSQL's programs as the user that owns the cluster."""
        if prefix:  # it needs root, and drops it
            dropped = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]
            command, user = [*prefix, *dropped, self.binaries / program, *arguments], None
        else:
            command, user = [self.binaries / program, *arguments], self.user
        # What pg_ctl starts keeps its output open: a pipe would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command,
                input=text.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                user=user,
                group=user and _group(user),
                extra_groups=[] if user else None,
                cwd=self.folder,
                timeout=120,
                check=False,
            )
            output.seek(0)
            said = output.read()
        assert done.returncode == 0, said.decode(errors="replace") + self._end_of_log()
        return said

    def _end_of_log(self) -> str:
        log = self.folder / "log"
        return log.read_text()[-2_000:] if log.exists() else ""


@contextmanager
def postgres_server(settings: str = "", prefix: tuple[str, ...] = ()) -> Iterator[PostgresServer]:
    """A new cluster, running, with the roles of the guide."""
    found, user = binaries(), "postgres" if os.geteuid() == 0 else None
    if found is None:
        missing("no PostgreSQL: set POSTGRES_BIN to the folder of its programs (`make interop` installs Debian's)")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's path is short
    try:
        if user is not None:
            shutil.chown(folder, user, _group(user))
        server = PostgresServer(binaries=found, folder=folder, user=user, settings=settings, prefix=prefix)
        server.run("initdb", "-D", str(folder / "data"), "-U", ADMINISTRATOR, "-A", "trust", "-E", "UTF8", "-N")
        server.start()
        try:
            server.script("postgres", guide("Roles"))
            yield server
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                server.stop()
    finally:
        shutil.rmtree(folder)


def guide(heading: str) -> str:
    """The SQL under a heading of docs/ledger-postgresql.md: what users run is what the tests run."""
    section = GUIDE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    blocks = [block.partition("\n```")[0] for block in section.split("```sql\n")[1:]]
    assert blocks, heading
    return "\n".join(blocks)


def empty_database(server: PostgresServer, options: str = "") -> str:
    """The name of a new database, made as the guide says, and with these options."""
    name = f"ledger_{next(_NUMBERS)}"
    script = guide("Database").replace("DATABASE verifier", f"DATABASE {name}")
    server.script("postgres", script.replace("TEMPLATE template0", f"TEMPLATE template0 {options}"))
    return name


def ledger_database(server: PostgresServer) -> str:
    """The name of a new database with an empty ledger, made as the guide says."""
    name = empty_database(server)
    create_ledger(server.url("verifier_owner", name))
    server.script(name, guide("Grants"), user="verifier_owner")
    return name


def loader(
    url: str, start: int, step: int, count: int, *, scope: str = SCOPE, prefix: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """A process that prints "ready", waits for a line, then tries start, start + step, ... (`LOADER`)."""
    arguments = [*prefix, sys.executable, "-c", LOADER, url, scope, str(start), str(step), str(count)]
    return subprocess.Popen(arguments, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def release(processes: Sequence[subprocess.Popen[str]]) -> None:
    """Wait until all are ready, then let them go at once."""
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs: POSTGRES_BIN's, the newest of Debian's, or PATH's."""
    named, on_path = os.environ.get("POSTGRES_BIN"), shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    places = [Path(named)] if named else [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    programs = ("initdb", "pg_ctl", "postgres", "psql")
    return next((place for place in places if all((place / program).exists() for program in programs)), None)


@contextmanager
def _watched(process: int) -> Iterator[int]:
    """A descriptor that is readable once the process has ended."""
    descriptor = os.pidfd_open(process)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415  (root only)

    return pwd.getpwnam(user).pw_gid
