"""Asking a program for credentials: `docker-credential-NAME get`, as Docker does.

* it is named by letters, digits, '.', '_' and '-', and looked for where the caller says, never in the current folder
* the registry's name is all that it is told, on standard input; what it complains of is not repeated
* it has ended, and whatever it started with it, after `patience_s` seconds; no more than 64 KiB are read of it
* only its own words for "nothing is stored" mean that: one that hangs, fails or floods is a refusal

Source: docker/docker-credential-helpers `client/client.go`, `credentials/error.go`.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field
from verifier.formats.oci.logins import CODE, Login, read_answer

MAX_ANSWER: Final = 64 * 1024
"""Bytes of what it writes; tokens of clouds have some thousand."""
_NOTHING: Final = b"credentials not found in native keychain"
_PART: Final = 8 * 1024


class Programs(Value):
    """Where such programs are, and what they find themselves in."""

    folders: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    patience_s: float = 5.0

    def ask(self, name: str, server: str) -> Login | None:
        """What the program has stored for a server; None where it says that it has nothing."""
        subject = f"docker-credential-{name}"
        path = next((each / subject for each in self.folders if os.access(each / subject, os.X_OK)), None)
        if path is None:
            hint = "Install it, or log in again without it."
            raise _failed(subject, f"no such program, which is to know the credentials for {server}", hint)
        status, output = self._run(path, subject, server)
        if status == 0:
            return read_answer(output, subject=subject)
        if output.strip() == _NOTHING:
            return None
        how = f"with status {status}" if status > 0 else f"by {signal.Signals(-status).name}"
        raise _failed(subject, f"it ended {how}, asked for the credentials for {server}")

    def _run(self, path: Path, subject: str, server: str) -> tuple[int, bytes]:
        try:
            child = subprocess.Popen(  # noqa: S603 - an argument list without a shell, and the name was checked
                [path, "get"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=dict(self.environment),
                start_new_session=True,
            )
        except OSError as error:
            raise _failed(subject, f"it could not be started: {error.strerror}") from error
        deadline = time.monotonic() + self.patience_s
        try:
            output = _read(child, server, deadline, subject)
            status = child.wait(max(deadline - time.monotonic(), 0.001))
        except subprocess.TimeoutExpired:
            raise _late(subject, self.patience_s) from None
        except TimeoutError:
            raise _late(subject, self.patience_s) from None
        finally:
            _end(child)
        return status, output


def _read(child: subprocess.Popen[bytes], server: str, deadline: float, subject: str) -> bytes:
    """What it writes, until it closes that; `TimeoutError` after the deadline."""
    stdin, stdout = child.stdin, child.stdout
    if stdin is None or stdout is None:
        raise TypeError("pipes were asked for")
    with contextlib.suppress(OSError):  # it need not read: a pipe holds more than a name
        stdin.write(server.encode())
        stdin.close()
    output = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(stdout, selectors.EVENT_READ)
        while waiting.select(max(deadline - time.monotonic(), 0)):
            part = os.read(stdout.fileno(), _PART)
            if not part:
                return bytes(output)
            output += part
            if len(output) > MAX_ANSWER:
                raise _failed(subject, f"it wrote more than {MAX_ANSWER} bytes")
    raise TimeoutError


def _end(child: subprocess.Popen[bytes]) -> None:
    """End it, and whatever it started; once it has been waited for, its number may be another's."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    pipes: tuple[IO[bytes] | None, ...] = (child.stdin, child.stdout)
    for pipe in pipes:
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
    child.wait()


def _late(subject: str, patience_s: float) -> Refused:
    return _failed(
        subject, f"it did not end within {patience_s:g} seconds", "Run it by hand: it may wait for somebody."
    )


def _failed(subject: str, message: str, hint: str = "") -> Refused:
    return refuse(CODE, subject, message, hint)
