"""What to do where a PostgreSQL ledger cannot be used: by what the server or the driver says of it."""

from __future__ import annotations

import shlex
from typing import Final

_GUIDE: Final = "docs/ledger-postgresql.md"
_REACH: Final = (
    "See that the server runs at that host and port, and lets this machine in; the ledger itself is not lost."
)
_LOGIN: Final = "Give the URL's user its password (PGPASSWORD, or ~/.pgpass), and let it in from here (pg_hba.conf)."
_SAID: Final = (
    ("password authentication failed", _LOGIN),
    ("no password supplied", _LOGIN),
    ("no pg_hba.conf entry", _LOGIN),
    ("authentication failed", _LOGIN),
    ("role ", f"Name a role that there is in the URL, or make this one ({_GUIDE})."),
    ("database ", f"Name the right database in the URL; or make it, and the ledger in it ({_GUIDE})."),
    ("certificate", "Name the server's CA by sslrootcert= in the URL, and its host as its certificate has it."),
    ("too many", "Let fewer processes connect, or raise the server's max_connections."),
    ("read-only", "Name the primary in the URL: a standby says what stood a while ago."),
)


def never_made(url: str) -> str:
    """What to do where a database holds no ledger; `url` is without secrets."""
    command = f"verify ledger init --ledger {shlex.quote(url)}"
    return (
        f"Name the right database; or make the ledger, once, as its owner: `{command}` ({_GUIDE}). One that was lost "
        "is restored: an empty one would accept older versions again."
    )


def unconnected(said: str) -> str:
    """What to do where no connection came about, by what the driver says."""
    text = said.lower()
    return next((advice for word, advice in _SAID if word in text), _REACH)
