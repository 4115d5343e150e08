"""The question that is put to an agent: files sealed and identities taken, then asked.

Nothing here imports what Python has not loaded already.
"""

import os
import stat

from verifier.agent.client import Unanswered, ask, question_of
from verifier.agent.identity import identity_of
from verifier.agent.wire import MOST_DOCUMENTS
from verifier.files.sealed import UnsealedError, append_copy, can_seal, seal, unsealed

MOST_BYTES = 512 * 1024 * 1024
"""Of an artifact: as many as a policy allows by default. A larger one is read by whoever asks."""
MOST_DOCUMENT_BYTES = 64 * 1024 * 1024
"""Of each document, as `core.limits` has it: a test holds them to the same."""


class Put:
    """A question that can be asked: its text, and the sealed files. Close it."""

    def __init__(self, artifact: str, documents: tuple[str, ...]) -> None:
        """Read the files, each once; raises `Unanswered` (`input.unreadable`) for what is left to whoever asks."""
        if not can_seal():
            raise Unanswered("agent.unreachable", "this system has no sealed memory files, which agents need (Linux)")
        if len(documents) > MOST_DOCUMENTS:
            raise Unanswered("agent.protocol", f"{len(documents)} documents, at most {MOST_DOCUMENTS} go")
        self.artifact, _ = _sealed((artifact,), MOST_BYTES)
        try:
            self._beside, sizes = _sealed(documents, MOST_DOCUMENT_BYTES)
        except BaseException:
            os.close(self.artifact)
            raise
        self._documents = [field for named in zip(documents, sizes, strict=True) for field in _stated(*named)]

    def close(self) -> None:
        """Let go of the files."""
        os.close(self._beside)
        os.close(self.artifact)

    def ask(self, agent: str, fields: list[tuple[str, str]], trusted: frozenset[int]) -> tuple[int, str]:
        """The exit status and the report; what is to be said beside is said. Raises `Unanswered`."""
        told: list[str] = []
        question, files = question_of([*fields, *self._documents]), [self.artifact, self._beside]
        answer = ask(agent, question, files, trusted=trusted, told=told)
        if told:
            from verifier.cli.asking.usual import tell  # noqa: PLC0415 - only where there is something to say

            for each in told:
                tell(each)
        return answer


def _stated(name: str, size: int) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("document", name), ("bytes", str(size))


def known_ledger(path: str) -> str:
    """The identity of the ledger that the agent must have too; raises `Unanswered` where there is none here."""
    try:
        return identity_of(path)
    except (OSError, ValueError) as error:
        told = f"it has a ledger, and here is none: {path}: {getattr(error, 'strerror', None) or error}"
        raise Unanswered("agent.elsewhere", told) from None


def known(path: str) -> str:
    """The identity of a file that the agent must have too; raises `Unanswered`."""
    try:
        return identity_of(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _sealed(paths: tuple[str, ...], most: int) -> tuple[int, list[int]]:
    """A sealed memory file with what these hold, one after the other, and the bytes of each."""
    try:
        made = unsealed()
    except OSError as error:
        raise Unanswered("agent.unreachable", f"no sealed copy can be made: {error.strerror}") from None
    try:
        sizes = [_append(made, path, most) for path in paths]
        seal(made)
    except BaseException:
        os.close(made)
        raise
    return made, sizes


def _append(made: int, path: str, most: int) -> int:
    try:
        # Without O_NONBLOCK, opening a FIFO would wait for its writer for ever.
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise Unanswered("input.unreadable", f"{path} is no regular file")
        return append_copy(made, opened, most=most)
    except (OSError, UnsealedError) as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(opened)


def _unreadable(path: str, error: Exception) -> Unanswered:
    return Unanswered("input.unreadable", f"{path}: {getattr(error, 'strerror', None) or error}")
