"""The question that a hook puts to an agent: files sealed and identities taken, then asked.

Nothing here imports what Python has not loaded already.
"""

import os
import stat

from verifier.agent.client import Unanswered, ask, question_of
from verifier.agent.identity import identity_of
from verifier.files.sealed import UnsealedError, can_seal, sealed_copy

MOST_BYTES = 512 * 1024 * 1024
"""Of an artifact: as many as a policy allows by default. A larger one is read by the hook itself."""
MOST_VERDICT = 1024 * 1024
"""Of a verdict, which has a few kilobytes."""


class Put:
    """A question that can be asked: its text, and the sealed files. Close it."""

    def __init__(self, artifact: str, verdict: str) -> None:
        """Read both files, each once; raises `Unanswered` (`input.unreadable`) for what is left to the hook itself."""
        if not can_seal():
            raise Unanswered("agent.unreachable", "this system has no sealed memory files, which agents need (Linux)")
        self.artifact = _sealed(artifact, MOST_BYTES)
        try:
            self.verdict = _sealed(verdict, MOST_VERDICT)
        except BaseException:
            os.close(self.artifact)
            raise

    def close(self) -> None:
        """Let go of both files."""
        os.close(self.verdict)
        os.close(self.artifact)

    def ask(self, agent: str, fields: list[tuple[str, str]], trusted: frozenset[int]) -> tuple[int, str]:
        """The exit status and the report; raises `Unanswered`."""
        return ask(agent, question_of(fields), [self.artifact, self.verdict], trusted=trusted)


def known(path: str) -> str:
    """The identity of a file that the agent must have too; raises `Unanswered`."""
    try:
        return identity_of(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def users(names: tuple[str, ...]) -> frozenset[int] | None:
    """The users that were named, by number or name; None where one is not known."""
    numbers = set()
    for name in names:
        if name.isdigit() and name.isascii() and len(name) <= 10:
            numbers.add(int(name))
            continue
        import pwd  # noqa: PLC0415 - only where a name is given

        try:
            numbers.add(pwd.getpwnam(name).pw_uid)
        except KeyError:
            return None
    return frozenset(numbers)


def _sealed(path: str, most: int) -> int:
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise Unanswered("input.unreadable", f"{path} is no regular file")
        return sealed_copy(opened, most=most)
    except (OSError, UnsealedError) as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(opened)


def _unreadable(path: str, error: Exception) -> Unanswered:
    return Unanswered("input.unreadable", f"{path}: {getattr(error, 'strerror', None) or error}")
