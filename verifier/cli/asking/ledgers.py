"""Which file a plain `--ledger` names, as `ledger.sqlite.url` and `cli.settings` have it: a test holds them together.

Nothing here imports what Python has not loaded already.
"""

_NOT_PLAIN = frozenset("%?#;[]\\")


def default_ledger(variables: dict[str, str]) -> str:
    """The per-user ledger; "" where somebody else has to look for it."""
    home = variables.get("HOME", "")
    state = variables.get("XDG_STATE_HOME") or (f"{home}/.local/state" if home.startswith("/") else "")
    return f"{state}/policy-verifier/ledger.db" if state else ""


def ledger_file(url: str, variables: dict[str, str]) -> str:
    """The file of the ledger that `--ledger` names, or of the per-user one; "" for what is no plain name of a file."""
    if not url:
        return default_ledger(variables)
    path = url.removeprefix("sqlite:")
    if path == url or _NOT_PLAIN.intersection(path) or not path.isprintable() or " " in path:
        return ""
    if path.startswith("//"):
        return path[2:] if path.startswith("///") else ""
    return path


_OF_SERVERS = "postgresql:"
_WHERE = (
    *("PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE", "PGUSER", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR"),
    *("PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS"),
)
"""Variables by which libpq finds a server and a database, where a URL does not say it (libpq, "Environment
Variables")."""


def variables_of_server(variables: dict[str, str]) -> tuple[str, ...]:
    """What the environment adds to the URL of a database server."""
    return tuple(f"{name}={variables[name]}" for name in _WHERE if variables.get(name))


def is_plain_ledger(url: str, variables: dict[str, str]) -> bool:
    """Whether it can be told here which ledger is meant."""
    if url.startswith(_OF_SERVERS):
        return not variables_of_server(variables)
    return bool(ledger_file(url, variables))


def ledgers_of(url: str, variables: dict[str, str]) -> tuple[str, ...]:
    """The files of ledgers that nothing may be written over: the per-user one, and the one that is named."""
    if url.startswith(_OF_SERVERS):
        return (default_ledger(variables),)
    return default_ledger(variables), ledger_file(url, variables)
