"""Credentials as people have stored them: files of Docker's and containers' form, and the programs that these name.

* a file that is not there says nothing; one that cannot be read, or that others may change, is refused
* a program is asked before the file that names it is looked into, as Docker does
* the first file that knows a login for the registry counts; what is found is kept for this process
"""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.files.read import read_named_file
from verifier.formats.oci.logins import CODE, DOCKER_HUB, MAX_FILE_BYTES, Login, Logins, read_logins
from verifier.net.credentials.program import Programs


class StoredLogins:
    """Files in the order in which they count, and where to find the programs that they name."""

    def __init__(self, files: tuple[Path, ...], programs: Programs) -> None:
        self._files, self._programs = files, programs
        self._known: dict[tuple[str, str], Login | None] = {}
        self._lock = threading.Lock()

    def login(self, registry: str, repository: str) -> Login | None:
        """What is stored for a repository of a registry, as references name it; `Refused` where it cannot be had."""
        with self._lock:
            asked = registry, repository
            if asked not in self._known:
                self._known[asked] = self._found(registry, repository)
            return self._known[asked]

    def _found(self, registry: str, repository: str) -> Login | None:
        for path in self._files:
            logins = _read(path)
            login = None if logins is None else self._in(logins, registry, repository)
            if login is not None:
                return login
        return None

    def _in(self, logins: Logins, registry: str, repository: str) -> Login | None:
        program = logins.program_for(registry)
        server = DOCKER_HUB if registry == "docker.io" else registry
        kept = None if program is None else self._programs.ask(program, server)
        return kept or logins.entry_for(registry, repository)


def _read(path: Path) -> Logins | None:
    if not os.path.lexists(path):
        return None
    try:
        content = read_named_file(path, max_bytes=MAX_FILE_BYTES, judge=_require_ours)
    except ConfigurationError as error:
        raise _unusable(path, error) from error
    return read_logins(content, subject=str(path))


def _require_ours(status: os.stat_result) -> None:
    """Whoever may change it says which program is started, and which name is sent where."""
    if status.st_uid not in {0, os.geteuid()} or stat.S_IMODE(status.st_mode) & (stat.S_IWGRP | stat.S_IWOTH):
        mode = stat.S_IMODE(status.st_mode)
        raise ConfigurationError(f"others may change it (mode {mode:04o}, expected 0600)", hint="chmod 600 it.")


def _unusable(path: Path, error: ConfigurationError) -> Refused:
    return refuse(CODE, str(path), error.message, error.hint)
