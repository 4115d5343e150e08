"""A real PostgreSQL of our own: its cluster in a temporary folder, reached by a socket there, stopped afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.interop.peers import missing

ADMINISTRATOR = "postgres"
GUIDE = Path(__file__).parents[2] / "docs" / "ledger-postgresql.md"


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """One cluster. `user` runs it: PostgreSQL refuses root."""

    binaries: Path
    folder: Path
    user: str | None
    settings: str = ""

    def url(self, user: str, database: str, **parameters: str) -> str:
        """The URL of a database for a role, with libpq's parameters."""
        found = "&".join(f"{name}={quote(value)}" for name, value in parameters.items())
        return f"postgresql://{user}@{quote(str(self.folder), safe='')}/{database}" + (f"?{found}" if found else "")

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
        options = f"-c listen_addresses='' -k {self.folder} -c fsync=off -c max_connections=150 {self.settings}"
        data = ("-D", str(self.folder / "data"), "-l", str(self.folder / "log"))
        self.run("pg_ctl", *data, "-o", options, "-w", "-t", "60", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; `immediate` is a crash, which the next start recovers from."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "-t", "60", "stop")

    def run(self, program: str, *arguments: str, text: str = "") -> bytes:
        """Run one of PostgreSQL's programs as the user that owns the cluster."""
        # What pg_ctl starts keeps its output open: a pipe would never end.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [self.binaries / program, *arguments],
                input=text.encode(),
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user and _group(self.user),
                extra_groups=[] if self.user else None,
                cwd=self.folder,
                timeout=120,
                check=False,
            )
            output.seek(0)
            said = output.read()
        assert done.returncode == 0, said.decode(errors="replace")
        return said


@contextmanager
def postgres_server(settings: str = "") -> Iterator[PostgresServer]:
    """A new cluster, running."""
    found, user = binaries(), "postgres" if os.geteuid() == 0 else None
    if found is None:
        missing("no PostgreSQL: set POSTGRES_BIN to the folder of its programs (`make interop` installs Debian's)")
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's path is short
    try:
        if user is not None:
            shutil.chown(folder, user, _group(user))
        server = PostgresServer(binaries=found, folder=folder, user=user, settings=settings)
        server.run("initdb", "-D", str(folder / "data"), "-U", ADMINISTRATOR, "-A", "trust", "-E", "UTF8", "-N")
        server.start()
        try:
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


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs: POSTGRES_BIN's, the newest of Debian's, or PATH's."""
    named, on_path = os.environ.get("POSTGRES_BIN"), shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    places = [Path(named)] if named else [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    programs = ("initdb", "pg_ctl", "postgres", "psql")
    return next((place for place in places if all((place / program).exists() for program in programs)), None)


def _group(user: str) -> int:
    import pwd  # noqa: PLC0415  (root only)

    return pwd.getpwnam(user).pw_gid
