"""What was accepted before: where it is kept, that it is the one that was kept, and that it is not lost in silence.

* a memory is made in the first run alone (`first-use`), and never where a head of it is known
* one that is a file has to have had the head that was kept of it: an older copy that was put back is refused
* a password goes by PGPASSWORD, which no list of processes shows, and is masked
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

from tools.action.asked import Asked
from tools.action.commands import verify
from tools.action.runner import Misasked, Runner

CACHE_FOLDER = "policy-verifier-ledger"
"""Beneath RUNNER_TEMP: a cache is found again by its path alone."""
_FILE = "ledger.db"
_REACHED = re.compile(r"; head (\d+@sha256:[0-9a-f]{64})$", re.MULTILINE)
_LOST = (
    "A cache that nobody used for a week is deleted. Put back a copy (`verify ledger export` and `import`), or begin "
    "anew: look at what is published, and run once with first-use: true and without expect-head."
)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Where the ledger is: its URL without a password, and what a command has to have in its environment."""

    url: str
    environment: dict[str, str]


def memory(asked: Asked, runner: Runner, environment: Mapping[str, str]) -> Memory | None:
    """The memory that was asked for; None where none was."""
    others = runner.others()
    if asked.memory == "none":
        return None
    if asked.memory == "postgresql":
        return _shared(environment.get("LEDGER", ""), environment.get("LEDGER_PASSWORD", ""), others)
    return Memory(url=f"sqlite://{quote(str(place(asked, runner)))}", environment=others)


def place(asked: Asked, runner: Runner) -> Path:
    """The file of a memory that is one."""
    if asked.memory == "file":
        return Path(asked.memory_file).absolute()
    return runner.folder().absolute() / CACHE_FOLDER / _FILE


def connect(asked: Asked, runner: Runner, environment: Mapping[str, str]) -> None:
    """See to it that the memory is there, and the one that was kept; raises `Misasked`."""
    if environment.get("LEDGER") and asked.memory != "postgresql":
        raise Misasked(
            "ledger", f"is of no use with memory: {asked.memory}", "Say memory: postgresql, or leave it away."
        )
    found = memory(asked, runner, environment)
    if found is None:
        return
    if asked.memory == "postgresql":
        for secret in sorted(_secrets(environment)):
            runner.mask(secret)
    else:
        _require_file(asked, runner, found)
    if asked.memory != "postgresql" or asked.expect_head:
        head_of(found, asked.expect_head)


def head_of(found: Memory, expected: str = "") -> str:
    """The head of the memory, which is sound and had the head `expected` before; raises `Misasked`."""
    known = [f"--expect-head={expected}"] if expected else []
    ran = verify(["ledger", "check", f"--ledger={found.url}", *known], found.environment)
    reached = _REACHED.search(ran.err + ran.out)
    if ran.status or reached is None:
        hint = "Put back the copy that was kept; never begin anew without looking at what is published."
        raise Misasked("memory", f"is not the one that was kept: {(ran.err or ran.out).strip()[:2000]}", hint)
    return reached[1]


def _require_file(asked: Asked, runner: Runner, found: Memory) -> None:
    file = place(asked, runner)
    if os.path.lexists(file):
        if not asked.expect_head:
            hint = "Set expect-head to the head that an earlier run has given out (its summary has it)."
            raise Misasked("expect-head", "is missing: any older copy of the memory would do", hint)
        return
    if asked.expect_head:
        raise Misasked("memory", "has vanished: its head is known, but the ledger is not there", _LOST)
    if not asked.first_use:
        raise Misasked("memory", "is not there", f"Is this the first run, say first-use: true, once. {_LOST}")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ran = verify(["ledger", "init", f"--ledger={found.url}"], found.environment)
    if ran.status:
        raise Misasked("memory", f"cannot be made: {ran.err.strip()[:2000]}", "See what is in its place.")
    runner.annotate("notice", "First use", "A new memory was made: nothing that was accepted before is known.")


def _shared(url: str, password: str, others: dict[str, str]) -> Memory:
    """The ledger that a fleet shares; raises `Misasked` where the secret is empty or no URL."""
    if not url:
        hint = "Pull requests from forks and Dependabot's have no secrets: say memory: none and previous for those."
        raise Misasked("ledger", "is empty: the secret is not set", hint)
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise Misasked(
            "ledger", "is no URL of PostgreSQL", "Write postgresql://user@host/database?sslmode=verify-full."
        )
    if "password" in parse_qs(parts.query):
        raise Misasked("ledger", "has a password in its query", "Give it as ledger-password.")
    user, at, hosts = parts.netloc.rpartition("@")
    name, colon, inside = user.partition(":")
    if colon and password:
        raise Misasked("ledger-password", "is there twice", "Take the one in the URL of the ledger away.")
    known = {"PGPASSWORD": password or unquote(inside)} if password or inside else {}
    clean = urlunsplit(("postgresql", f"{name}{at}{hosts}", parts.path, parts.query, ""))
    return Memory(url=clean, environment=others | known)


def _secrets(environment: Mapping[str, str]) -> set[str]:
    """What of the ledger's URL and password must not be shown, in every form in which it may be."""
    user = urlsplit(environment.get("LEDGER", "")).netloc.rpartition("@")[0]
    inside = user.partition(":")[2]
    return {each for each in (inside, unquote(inside), environment.get("LEDGER_PASSWORD", "")) if each}
