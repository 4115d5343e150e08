"""`verify preload --agent`, `verify bundle` and `verify artifact`, where the line is plain: an agent is asked before
anything else is loaded.

* an answer is what the command by itself would have come to, said in the same words, with the same exit status
* without one the command decides for itself, which is said in a line, or denies (`--agent-required`), with why
* whatever is not plain is left to `cli.main`, which asks the agent all the same

Nothing here imports what Python has not loaded already, but where something is wrong; and of this folder only what the
line asks for: a module takes longer to load than to run.
"""

import os

from verifier.agent import wire
from verifier.agent.client import Unanswered
from verifier.agent.identity import server_identity
from verifier.cli.asking import putting
from verifier.cli.asking.ledgers import is_plain_ledger, ledger_file, ledgers_of
from verifier.cli.asking.said import Words
from verifier.cli.asking.streams import write_report
from verifier.cli.asking.words import plain


def hook(command: str, arguments: list[str], variables: dict[str, str]) -> int | list[str]:
    """The exit status of what `arguments` ask of `command`; or with which to go on, where an agent has no answer."""
    said = plain(command, arguments, variables)
    trusted = _trusted(said.texts("users")) if said is not None else None
    if said is None or trusted is None or not _is_for_here(said, variables):
        return arguments
    lock = -1
    try:
        if said.text("out"):
            from verifier.cli.asking import place  # noqa: PLC0415 - only where something is written

            ledgers = ledgers_of(said.text("ledger"), variables)
            read = (said.text("artifact"), *said.texts("documents"), said.text("policy"))
            if not all(ledgers) or not place.is_plain(said.text("out"), read, ledgers):
                return arguments
            lock = place.take_turn(said.text("out"))
        return _answered(command, said, trusted, variables)
    except Unanswered as why:
        from verifier.cli.asking.usual import unanswered  # noqa: PLC0415 - only where there is no answer

        return unanswered(why, said, arguments, variables)
    except OSError as error:  # the turn could not be taken: the usual way says why
        if lock < 0:
            return arguments
        from verifier.cli.asking.usual import failed  # noqa: PLC0415 - only where something is wrong

        return failed(said.text("out"), error)
    finally:
        if lock >= 0:
            os.close(lock)


def _trusted(names: tuple[str, ...]) -> frozenset[int] | None:
    if not names:
        return frozenset()
    from verifier.cli.asking.people import users  # noqa: PLC0415 - only where somebody is named

    return users(names)


def _is_for_here(said: Words, variables: dict[str, str]) -> bool:
    """Whether it is clear which ledger is meant, no folder stands for its files, and nobody looks at a terminal: a
    report is as wide as that, and in colours."""
    if not is_plain_ledger(said.text("ledger"), variables):
        return False
    looked_at = said.text("style") != "json" and os.isatty(2 if said.text("program") else 1)
    return not looked_at and not any(map(os.path.isdir, (said.text("artifact"), *said.texts("documents"))))


def _answered(command: str, said: Words, trusted: frozenset[int], variables: dict[str, str]) -> int:
    put = putting.Put(said.text("artifact"), said.texts("documents"))
    try:
        status, report = put.ask(said.text("agent"), _fields(command, said, variables), trusted)
        if status == wire.ACCEPTED and said.text("out"):
            from verifier.cli.asking import place  # noqa: PLC0415 - as above

            place.write_whole(said.text("out"), put.artifact)
        runs = status == wire.ACCEPTED and said.text("program")
        try:
            write_report(report, said.text("style"), 2 if said.text("program") else 1)
        except OSError as error:
            from verifier.cli.asking.usual import unwritten  # noqa: PLC0415 - as above

            return unwritten(error)
        if runs:
            from verifier.cli.asking.launch import launch  # noqa: PLC0415 - only where there is a program
            from verifier.cli.asking.usual import failed  # noqa: PLC0415 - as above

            unrun = launch(said.text("program"), said.texts("words"), put.artifact, variables)
            return failed(said.text("program"), unrun)
        return status
    finally:
        put.close()


def _fields(command: str, said: Words, variables: dict[str, str]) -> list[tuple[str, str]]:
    ledger, by_verdict = said.text("ledger"), command == "preload"
    path = ledger_file(ledger, variables)
    return [
        ("by", wire.BY_VERDICT if by_verdict else wire.IN_FULL),
        ("kind", "bundle" if by_verdict else command),
        ("artifact", said.text("artifact")),
        ("folder", os.getcwd()),
        ("name", said.text("name")),
        ("policy", putting.known(said.text("policy"))),
        ("ledger", putting.known_ledger(path) if path else server_identity(ledger, ())),
        ("resource-uri", said.text("resource_uri")),
        ("correlation-id", said.text("correlation_id")),
        ("record", "1" if said.get("record", by_verdict) else "0"),
        ("format", said.text("style") or "text"),
        ("detail", "quiet" if "quiet" in said else "verbose" if "verbose" in said else "usual"),
        ("columns", "100"),
        ("colours", "0"),
        *(("level", level) for level in said.texts("levels")),
    ]
