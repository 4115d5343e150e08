"""`verify`, before anything is loaded: who asks an agent needs no more, and every other run goes on from here.

Nothing here imports what Python has not loaded already, until it is known that it is needed.
"""

import os
import sys


def run() -> None:
    """The console script."""
    arguments = sys.argv[1:]
    if _may_ask(arguments):
        sys.argv[2:] = _asked(arguments)
    from verifier.cli.main import run as run_command  # noqa: PLC0415 - it takes longer to load than an agent to answer

    run_command()


def ask(folder: str, arguments: list[str]) -> None:
    """`verify-ask`, whose Python knows no packages: where an agent has no answer, `verify` in `folder` goes on."""
    if _may_ask(arguments):
        arguments = [arguments[0], *_asked(arguments)]
    command = f"{folder}/verify"
    try:
        os.execv(command, [command, *arguments])  # noqa: S606 - no shell is wanted
    except OSError as error:
        from verifier.cli.asking.usual import failed  # noqa: PLC0415 - only where something is wrong

        os._exit(failed(command, error))


def _asked(arguments: list[str]) -> list[str]:
    """Ends the process with the answer, or returns with which arguments to go on, behind the command."""
    sys.excepthook = _end
    try:
        from verifier.cli.asking.hook import hook  # noqa: PLC0415 - as above
        from verifier.cli.asking.streams import occupy  # noqa: PLC0415 - as above

        occupy()
        done = hook(arguments[0], arguments[1:], os.environ)  # type: ignore[arg-type]
    except KeyboardInterrupt:
        from verifier.cli.asking.usual import tell  # noqa: PLC0415 - only where something is wrong

        tell("verify: interrupted")
        os._exit(130)
    if isinstance(done, int):
        os._exit(done)
    sys.excepthook = sys.__excepthook__
    return done


def _end(_: object, error: BaseException, __: object) -> None:
    """A defect, as `cli.main` has it: whatever it is, it is not a pass."""
    from verifier.agent.wire import UNDECIDED  # noqa: PLC0415 - only where something is wrong
    from verifier.cli.defects import defect  # noqa: PLC0415 - as above

    os._exit(defect(error) if isinstance(error, Exception) else UNDECIDED)


def _may_ask(arguments: list[str]) -> bool:
    """Whether it is a command that asks an agent, and one is named."""
    if arguments[:1] not in (["artifact"], ["bundle"], ["preload"]):
        return False
    return bool(os.environ.get("VERIFY_AGENT")) or any(word.startswith("--agent") for word in arguments)
