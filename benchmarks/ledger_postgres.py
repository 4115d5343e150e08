"""A fleet on one PostgreSQL ledger: 50 writers in five processes, against the bare upsert by the same driver and pool.

`python -m benchmarks.ledger_postgres` measures; the server is a new one in a temporary folder, with `fsync` on.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.harness import ROOT, Row, Side, compare, python
from verifier.core.clock import parse_rfc3339
from verifier.core.digest import Digest
from verifier.ledger.advance import Circumstances, record
from verifier.versions.candidate import Candidate, VersionRules
from verifier.versions.schemes import Scheme

if TYPE_CHECKING:
    from tests.support.peers.postgres_server import PostgresServer

_PROCESSES, _THREADS = 5, 10
_WRITERS = _PROCESSES * _THREADS
_EACH = 20
_ROUNDS = 5
_NOW: datetime = parse_rfc3339("2026-06-01T12:00:00Z")
_STATE = "x" * 400
"""About what a scope's state takes."""
_UPSERT = """INSERT INTO public.bare AS bare VALUES (%s, 1, %s)
    ON CONFLICT (name) DO UPDATE SET revision = bare.revision + 1, state = excluded.state"""
_TITLE = f"{_WRITERS} writers record {_EACH} decisions each in a PostgreSQL ledger"


def rows(room: Path) -> Iterator[Row]:  # noqa: ARG001  (the server makes its own)
    """One scope that all writers want to advance, and a scope for each; against upserts of as many rows."""
    from tests.support.peers.postgres_server import binaries, ledger_database, postgres_server  # noqa: PLC0415

    if binaries() is None:
        yield Row(title=_TITLE, against="bare upserts", note="PostgreSQL is not installed")
        return
    with postgres_server("-c fsync=on") as server:
        database = ledger_database(server)
        server.sql(
            database,
            "CREATE TABLE public.bare (name text PRIMARY KEY, revision bigint, state text) WITH (fillfactor = 50)",
            # The ledger's own setup has taken the schema from its roles.
            "GRANT USAGE ON SCHEMA public TO verifier_loader",
            "GRANT ALL ON public.bare TO verifier_loader",
        )
        yield _compared(server, database, "one", target=2.0)
        yield _compared(server, database, "own", target=4.0)


def _compared(server: PostgresServer, database: str, which: str, target: float | None = None) -> Row:
    rows = {"one": "one scope", "own": "a scope of its own"}[which]
    theirs = {"one": "of one row", "own": "of a row of its own, committed in groups"}[which]
    with _writers(server, database, "ledger", which) as ours, _writers(server, database, "bare", which) as bare:
        return compare(
            ours,
            bare,
            title=f"{_TITLE}: {rows}",
            against=f"as many bare upserts by psycopg, {theirs}, as durable",
            rounds=_ROUNDS,
            target=target,
        )


@contextmanager
def _writers(server: PostgresServer, database: str, what: str, which: str) -> Iterator[Side]:
    """Processes that are ready; the side lets them all go at once and waits for the last."""
    command = python("-m", "benchmarks.ledger_postgres", server.url("authz_loader", database), what, which)
    with ExitStack() as stack:
        processes = [stack.enter_context(_process([*command, str(number)])) for number in range(_PROCESSES)]

        def run() -> None:
            for process in processes:
                assert process.stdin is not None
                process.stdin.write("go\n")
                process.stdin.flush()
            for process in processes:
                assert process.stdout is not None
                assert process.stdout.readline() == "done\n"

        yield run


def _process(command: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _write(url: str, what: str, which: str, number: int) -> None:
    """Be one process: a batch of each thread for each line."""
    writers = [number * _THREADS + thread for thread in range(_THREADS)]
    with ExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(_THREADS))
        start = _recorders(stack, url) if what == "ledger" else _upserters(stack, url)
        steps = [start("bundle:one" if which == "one" else f"bundle:{writer}", writer) for writer in writers]
        for _ in sys.stdin:
            list(threads.map(_batch, steps))
            print("done", flush=True)


def _batch(step: Side) -> None:
    for _ in range(_EACH):
        step()


def _recorders(stack: ExitStack, url: str) -> Callable[[str, int], Side]:
    from verifier.ledger.postgres.store import open_ledger  # noqa: PLC0415

    ledger = stack.enter_context(open_ledger(url, connections=_THREADS))
    rules, circumstances = VersionRules(scheme=Scheme.INTEGER), Circumstances(now=_NOW)

    def start(scope: str, writer: int) -> Side:
        versions = (str(counted * _WRITERS + writer + 1) for counted in itertools.count())

        def step() -> None:
            version = next(versions)
            candidate = Candidate(version=version, scheme=Scheme.INTEGER, digest=Digest.of(version.encode()))
            record(ledger, scope, candidate, rules, circumstances)

        return step

    return start


def _upserters(stack: ExitStack, url: str) -> Callable[[str, int], Side]:
    from verifier.ledger.postgres.connection import Connections, Waits, read_url  # noqa: PLC0415

    connections = Connections(read_url(url), Waits(), size=_THREADS, read_only=False)
    stack.callback(connections.close)

    def start(name: str, writer: int) -> Side:  # noqa: ARG001
        def step() -> None:
            with connections.borrowed() as connection:
                connection.execute(_UPSERT, (name, _STATE))

        return step

    return start


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as room:
        for row in rows(Path(room)):
            figures = f"{row.ours:.2f} s against {row.theirs:.2f} s" if row.ours and row.theirs else row.note
            print(
                f"{row.title}; {row.against}: {figures}, ratio {row.ratio or 0:.2f}, at most {row.target}", flush=True
            )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _write(*sys.argv[1:4], int(sys.argv[4]))
    else:
        main()
