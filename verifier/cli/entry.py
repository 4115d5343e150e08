"""`verify`, before anything is loaded: a hook that asks an agent needs no more, and every other run goes on from here.

Nothing here imports what Python has not loaded already, until it is known that it is needed.
"""

import os
import sys


def run() -> None:
    """The console script."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["preload"] and _names_an_agent(arguments):
        sys.argv[1:] = ["preload", *_hooked(arguments[1:])]
    from verifier.cli.main import run as run_command  # noqa: PLC0415 - it takes longer to load than a hook to ask

    run_command()


def hook(folder: str, arguments: list[str]) -> None:
    """`verify-preload`, whose Python knows no packages: where an agent has no answer, `verify` in `folder` goes on."""
    words = _hooked(arguments)
    command = f"{folder}/verify"
    os.execv(command, [command, "preload", *words])  # noqa: S606 - no shell is wanted


def _hooked(arguments: list[str]) -> list[str]:
    """Ends the process with the answer, or returns with which arguments to go on."""
    from verifier.cli.asking.hook import hook as asked  # noqa: PLC0415 - as above

    try:
        done = asked(arguments, os.environ)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        sys.stderr.write("verify: interrupted\n")
        os._exit(130)
    if isinstance(done, int):
        os._exit(done)
    return done


def _names_an_agent(arguments: list[str]) -> bool:
    return bool(os.environ.get("VERIFY_AGENT")) or any(word.startswith("--agent") for word in arguments)
