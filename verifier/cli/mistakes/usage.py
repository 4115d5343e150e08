"""That the command line itself is wrong."""

from __future__ import annotations

from verifier.cli import output


def usage_error(message: str, command: str, instead: str = "") -> int:
    """The command line itself is wrong (that of `command`, if it names one); a message of several lines is the help
    that someone should read, and `instead` what to type in its place."""
    lines = message.splitlines()
    if len(lines) > 1:
        for text in lines:
            output.hint(text)
        return output.EXIT_USAGE
    from verifier.cli.mistakes.examples import example  # noqa: PLC0415 - only for mistakes

    output.hint(f"verify: error: {message}")
    if instead := instead or ("" if "No such option" in message else example(message, command)):
        output.hint(f"  {instead}")
    if command:
        output.hint(f"  Try `{command} --help`.")
    return output.EXIT_USAGE
