"""Connections to a PostgreSQL ledger: few, reused, bounded in time, and their errors in our words.

* no wait is unbounded: for a connection, for a lock, for a statement, and for a server that no longer answers
* a connection that broke is never used again, one that the server closed while it lay idle is not even tried
* every connection is durable at commit (`synchronous_commit`), finds names where only the server's owner can make any,
  and reads and writes texts in one way, whatever the URL, the role, the database or a pooler between say
* whatever the server or the driver says becomes `ledger.corrupt`, `ledger.locked` or `ledger.unavailable`
* no password is ever shown
"""

from __future__ import annotations

import queue
import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar
from urllib.parse import quote

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.text.shown import without_secrets
from verifier.core.value import Value, field
from verifier.ledger.postgres.advice import unconnected

_LOCKED = frozenset({"55P03", "40P01", "40001"})  # lock timeout, deadlock, serialisation failure
# Data exception, constraint or trigger, cardinality, something that is not there, internal error.
_DAMAGED = frozenset({"21", "22", "23", "42", "3F", "P0", "XX"})
_DENIED = "42501"
_CONNECTING = frozenset({"08", "28", "3D", "53", "57"})
"""No connection, no authorisation, no such database, no room, an operator's intervention."""
_UNSOUND = "23514"  # what the functions raise for an event that its kind does not allow
_INTERVAL = 0.1
_SETTINGS: LiteralString = """
    SELECT pg_catalog.current_setting('search_path') OPERATOR(pg_catalog.=) 'pg_catalog,pg_temp'
    AND pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.=) 'on'
    AND pg_catalog.current_setting('DateStyle') OPERATOR(pg_catalog.~) '^ISO,'
    AND pg_catalog.current_setting('TimeZone') OPERATOR(pg_catalog.=) 'UTC'"""
_SEARCH_PATH = "pg_catalog,pg_temp"
"""Where names without a schema are looked for: nowhere that anybody but the server's owner can make something.

The temporary schema stands last: where it is left out, it comes first."""
_MEANINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "backslash_quote": "off",
    "bytea_output": "hex",
    "row_security": "off",  # rows that a policy would hide are an error
    "check_function_bodies": "on",
}
"""What decides how texts, rows and definitions are read, whatever server, database or role say (`ALTER ROLE … SET`)."""

T = TypeVar("T")


class Waits(Value):
    """Seconds. A lock is `ledger.locked` before a statement is `ledger.unavailable`, before the server is given up."""

    connect: int = 5
    lock: float = 10.0
    statement: float = 15.0
    answer: float = 20.0


class Place(Value):
    """Where a ledger is: how to connect, and how to say so without secrets."""

    conninfo: str = field(repr=False)
    url: str


def read_url(url: str) -> Place:
    """Read `postgresql://user@host:port/database?...` as libpq does; `ConfigurationError` for what it cannot."""
    try:
        found = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # libpq repeats the URL in its message, and the password with it.
        message = "a PostgreSQL ledger is named postgresql://user@host:port/database"
        raise ConfigurationError(message, where="ledger") from None
    user, database = (quote(str(found.get(name) or "")) for name in ("user", "dbname"))
    shown = f"postgresql://{user}{'@' if user else ''}{_shown_hosts(found)}/{database}"
    return Place(conninfo=make_conninfo(url), url=shown)


class BoundedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection that gives up on a server that does not answer: the server's own timeouts need it to run."""

    answer_seconds = Waits().answer

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL, timeout: float | None = None) -> T:
        """As the driver's, which would wait for ever."""
        del timeout  # newer drivers have one, of their own
        return super().wait(_bounded(gen, self.answer_seconds), interval=interval)


class Connections:
    """At most `size` connections, made when they are needed; the last one used is the first to be used again."""

    def __init__(self, place: Place, waits: Waits, *, size: int, read_only: bool) -> None:
        self.url = place.url
        self._conninfo = _with_options(place.conninfo, waits, read_only=read_only)
        self._waits = waits
        self._slots: queue.LifoQueue[BoundedConnection | None] = queue.LifoQueue()
        for _ in range(size):
            self._slots.put(None)
        self._size = size
        self._closed = False

    @contextmanager
    def borrowed(self) -> Iterator[BoundedConnection]:
        """A connection that is this caller's alone for a while; what it raises is translated."""
        with translated(self.url):
            try:
                connection = self._slots.get(timeout=self._waits.lock)
            except queue.Empty:
                message = f"all {self._size} connections were in use for {self._waits.lock:g} s"
                raise refuse("ledger.locked", self.url, message) from None
            try:
                if connection is None or not _is_quiet(connection):
                    connection = None
                    connection = self._connect()
                yield connection
            finally:
                self._slots.put(_reusable(connection))
                if self._closed:
                    self.close()

    def close(self) -> None:
        """Close those that are not in use now, and each of the others when it is given back."""
        self._closed = True
        for _ in range(self._size):
            try:
                connection = self._slots.get_nowait()
            except queue.Empty:
                return
            if connection is not None:
                connection.close()

    def _connect(self) -> BoundedConnection:
        connection = BoundedConnection.connect(self._conninfo, autocommit=True)
        connection.answer_seconds = self._waits.answer
        try:
            _require_settings(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _require_settings(connection: BoundedConnection) -> None:
    """Refuse a connection that has not the settings that it asked for: a pooler between may have dropped them."""
    found = connection.execute(_SETTINGS).fetchone()
    if found != (True,):
        message = "the connection has other settings than it asked for (search_path, synchronous_commit, datestyle)"
        hint = "A pooler between has to pass startup options on, or must not be used."
        raise refuse("ledger.unavailable", f"{connection.info.host}/{connection.info.dbname}", message, hint)


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Turn what the server or the driver raises into a refusal."""
    try:
        yield
    except psycopg.Error as error:
        said = without_secrets(error.diag.message_primary or " ".join(str(error).split()) or type(error).__name__)
        raise refuse(_reason(error), subject, f"PostgreSQL says: {said}", _advice(error, said)) from error


def _advice(error: psycopg.Error, said: str) -> str:
    if error.sqlstate == _DENIED:
        return "Grant the role what docs/ledger-postgresql.md says, or use another role."
    lost = error.sqlstate is None or error.sqlstate[:2] in _CONNECTING
    return unconnected(said) if lost and _reason(error) == "ledger.unavailable" else ""


def _reason(error: psycopg.Error) -> str:
    state = error.sqlstate
    if state is None:  # the driver's own: no connection, or rows that it cannot read
        lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
        return "ledger.unavailable" if lost else "ledger.corrupt"
    if state in _LOCKED:
        return "ledger.locked"
    if state == _UNSOUND:
        return "ledger.unsound"
    return "ledger.corrupt" if state[:2] in _DAMAGED and state != _DENIED else "ledger.unavailable"


def _bounded(gen: PQGen[T], seconds: float) -> PQGen[T]:
    """The generator of one exchange with the server, stopped when the time is over."""
    deadline = time.monotonic() + seconds
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() > deadline:
                gen.close()
                raise psycopg.OperationalError(f"the server did not answer within {seconds:g} s")
            wanted = gen.send(ready)
    except StopIteration as done:
        answer: T = done.value
        return answer


def _shown_hosts(found: Mapping[str, object]) -> str:
    """Hosts with their ports, as a URL has them; one port is that of all."""
    hosts, ports = (str(found.get(name) or "").split(",") for name in ("host", "port"))
    if len(ports) != len(hosts):
        ports = ports[:1] * len(hosts)
    pairs = zip(hosts, ports, strict=True)
    return ",".join(quote(host, safe="") + (f":{quote(port, safe='')}" if port else "") for host, port in pairs)


def _with_options(conninfo: str, waits: Waits, *, read_only: bool) -> str:
    found = conninfo_to_dict(conninfo)
    preset = {"lock_timeout": int(waits.lock * 1000), "statement_timeout": int(waits.statement * 1000)}
    fixed = {
        "synchronous_commit": "on",
        "default_transaction_isolation": "read\\ committed",  # a turn begins with a look at what the last one left
        "search_path": _SEARCH_PATH,
        **_MEANINGS,
        "client_min_messages": "error",
    }
    if read_only:
        fixed["default_transaction_read_only"] = "on"
    else:
        found.setdefault("target_session_attrs", "primary")  # a standby says what stood a while ago
    # Of one setting the last counts: the URL may choose other waits, and nothing that would weaken the ledger.
    options = (_as_options(preset), str(found.get("options") or ""), _as_options(fixed))
    found["options"] = " ".join(part for part in options if part)
    found.setdefault("connect_timeout", waits.connect)
    found.setdefault("application_name", "policy-verifier")
    return make_conninfo("", **found, client_encoding="UTF8")


def _as_options(settings: Mapping[str, object]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _is_quiet(connection: BoundedConnection) -> bool:
    """Whether an idle connection is still good: what a server says unasked is that it closes it. No round trip."""
    if not connection.closed:
        sockets = select.poll()
        sockets.register(connection.fileno(), select.POLLIN)
        if not sockets.poll(0):
            return True
        connection.close()
    return False


def _reusable(connection: BoundedConnection | None) -> BoundedConnection | None:
    if connection is None or connection.closed:
        return None
    if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
        connection.close()  # something was given up half-way; the server undoes it
        return None
    return connection
