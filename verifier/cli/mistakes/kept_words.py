"""Words and options of servers and databases, behind `verify serve` and `verify ledger`; read after a mistake only."""

from __future__ import annotations

from typing import Final

SERVE: Final = {
    **dict.fromkeys(("--port", "-p", "--addr", "-a", "--host", "--bind"), "It is `--listen 127.0.0.1:PORT`."),
    "-c": "It is `--config gateway.toml`.",
}
LEDGER: Final = {
    "rollback": "Publish the old content under a higher version: nothing lowers what was accepted.",
    **dict.fromkeys(
        ("reset", "delete", "clear", "rm", "remove"),
        "Nothing is taken out of a ledger: make another with `verify ledger init --ledger sqlite:FILE`.",
    ),
    **dict.fromkeys(("list", "status", "ls"), "It is `verify ledger show`."),
    **dict.fromkeys(("log", "events"), "It is `verify ledger history`."),
}
