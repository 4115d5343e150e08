"""`verify preload --agent`, and `verify bundle`, where the line is plain: an agent is asked before anything else is
loaded.

* an answer is what the command by itself would have come to, said in the same words, with the same exit status
* without one the command decides for itself, which is said in a line, or denies (`--agent-required`), with why
* whatever is not plain is left to `cli.main`, which asks the agent all the same

Nothing here imports what Python has not loaded already, but where something is wrong.
"""

import os
import sys

from verifier.agent import wire
from verifier.agent.client import Unanswered
from verifier.cli.asking import place, putting
from verifier.cli.asking.launch import launch
from verifier.cli.asking.ledgers import ledger_file, ledgers_of
from verifier.cli.asking.said import Words
from verifier.cli.asking.usual import on_a_line, without_agent
from verifier.cli.asking.words import plain

_USAGE = 2


def hook(command: str, arguments: list[str], variables: dict[str, str]) -> int | list[str]:
    """The exit status of what `arguments` ask of `command`; or with which to go on, where an agent has no answer."""
    said = plain(command, arguments, variables)
    trusted = putting.users(said.texts("users")) if said is not None else None
    if said is None or trusted is None or any(map(os.path.isdir, said.texts("documents"))):
        return arguments  # among what is not plain is a folder, which stands for its files
    lock = -1
    try:
        if said.text("out"):
            ledgers = ledgers_of(said.text("ledger"), variables)
            read = (said.text("artifact"), *said.texts("documents"), said.text("policy"))
            if not all(ledgers) or not place.is_plain(said.text("out"), read, ledgers):
                return arguments
            lock = place.take_turn(said.text("out"))
        return _answered(command, said, trusted, variables)
    except Unanswered as why:
        return _unanswered(why, said, arguments, variables)
    except OSError as error:  # the turn could not be taken: the usual way says why
        if lock < 0:
            return arguments
        return _failed(said.text("out"), error)
    finally:
        if lock >= 0:
            os.close(lock)


def _answered(command: str, said: Words, trusted: frozenset[int], variables: dict[str, str]) -> int:
    put = putting.Put(said.text("artifact"), said.texts("documents"))
    try:
        status, report = put.ask(said.text("agent"), _fields(command, said, variables), trusted)
        if status == wire.ACCEPTED and said.text("out"):
            place.write_whole(said.text("out"), put.artifact)
        runs = status == wire.ACCEPTED and said.text("program")
        try:
            _print(report, sys.stderr if said.text("program") else sys.stdout)
        except OSError as error:
            return _failed("the answer cannot be written", error, wire.UNDECIDED)
        if runs:
            failed = launch(said.text("program"), said.texts("words"), put.artifact, variables)
            return _failed(said.text("program"), failed)
        return status
    finally:
        put.close()


def _fields(command: str, said: Words, variables: dict[str, str]) -> list[tuple[str, str]]:
    ledger, by_verdict = said.text("ledger"), command == "preload"
    path = ledger_file(ledger, variables)
    return [
        ("by", wire.BY_VERDICT if by_verdict else wire.IN_FULL),
        ("artifact", said.text("artifact")),
        ("folder", os.getcwd()),
        ("name", said.text("name")),
        ("policy", putting.known(said.text("policy"))),
        ("ledger", putting.known_ledger(path) if path else f"url:{ledger}"),
        ("resource-uri", said.text("resource_uri")),
        ("correlation-id", said.text("correlation_id")),
        ("record", "1" if said.get("record", by_verdict) else "0"),
        ("format", said.text("style") or "text"),
        ("detail", "quiet" if "quiet" in said else "verbose" if "verbose" in said else "usual"),
        *(("level", level) for level in said.texts("levels")),
    ]


def _unanswered(why: Unanswered, said: Words, arguments: list[str], variables: dict[str, str]) -> int | list[str]:
    told = f"verify: {why.code}: {said.text('agent')}: {why.message}"
    if not said.get("required"):
        sys.stderr.write(f"{on_a_line(told)}; decided without it\n")
        variables.pop("VERIFY_AGENT", None)
        return without_agent(arguments)
    from verifier.core.reasons.words import describe  # noqa: PLC0415 - only where something is wrong

    sys.stderr.write(f"{on_a_line(told)}\n  {describe(why.code).remedy}\n")
    return wire.UNDECIDED


def _print(report: str, stream: object) -> None:
    if stream is None:
        raise OSError(9, "standard output is closed, and the answer goes there")
    stream.reconfigure(errors="backslashreplace")  # type: ignore[attr-defined]
    stream.write(report)  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


def _failed(what: str, error: OSError, status: int = _USAGE) -> int:
    told = f"verify: error: {what}: {error.strerror or error}"
    sys.stderr.write(f"{on_a_line(told)}\n")
    return status
