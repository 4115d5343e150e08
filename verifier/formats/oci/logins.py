"""Docker's `config.json` and containers' `auth.json`: who logs in where, and which program knows it.

* an entry is for one registry, with its port, or for a repository and what is below it; the longest that fits counts
* an entry that is no URL and has a path is for that path alone, but for `/v1` and `/v2`, which older clients wrote
* what is there and cannot be read in one way is refused: nobody goes on without credentials because of it
* nothing of a secret stands in a message

Source: docker/cli `cli/config/credentials`; containers-auth.json(5).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Final

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.repository import HUB

CODE: Final = "input.credentials-unusable"
MAX_FILE_BYTES: Final = 1024 * 1024
DOCKER_HUB: Final = "https://index.docker.io/v1/"
"""What Docker calls its own registry where it keeps credentials."""

_MAX_ENTRIES: Final = 1_000
_HUB_NAMES: Final = ("docker.io", "index.docker.io", DOCKER_HUB)
_PROGRAM: Final = re.compile(r"[A-Za-z0-9._-]{1,100}\Z")
_API: Final = re.compile(r"/v[12]/?\Z")
_ENTRY: Final = ("auth", "username", "password", "identitytoken", "registrytoken", "email")


class Login(Value):
    """What somebody has stored for one registry: a user name and password, or a token of one of two kinds.

    `identity_token` is for the token service, which gives tokens for it (OAuth 2: a refresh token); `registry_token` is
    sent to the registry as it is.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    identity_token: str | None = field(default=None, repr=False)
    registry_token: str | None = field(default=None, repr=False)


class Logins(Value):
    """One file: entries by what they are for, programs by registry, and the program for all the others."""

    entries: tuple[tuple[str, Login], ...] = field(default=(), repr=False)
    programs: tuple[tuple[str, str], ...] = ()
    program: str | None = None

    def program_for(self, registry: str) -> str | None:
        """The NAME of the program `docker-credential-NAME` that is to be asked, if any is."""
        known = dict(self.programs)
        names = _HUB_NAMES if registry == HUB else (registry,)
        return next((known[name] for name in names if name in known), self.program)

    def entry_for(self, registry: str, repository: str) -> Login | None:
        """What stands in the file itself for a repository."""
        known = dict(reversed(self.entries))
        return next((known[name] for name in _fitting(registry, repository) if name in known), None)


def read_logins(content: bytes, *, subject: str) -> Logins:
    """Read such a file; `Refused` (`input.credentials-unusable`, `json.*`) for anything else."""
    document = Fields.of(strict_json.loads(content, subject=subject, max_depth=32), code=CODE, subject=subject).known(
        "auths", "credHelpers", "credsStore"
    )
    programs = document.optional_object("credHelpers")
    return Logins(
        entries=tuple(_entries(document)),
        programs=() if programs is None else tuple((name, _program(programs, name)) for name in programs.value),
        program=_program(document, "credsStore") if document.go_text("credsStore") else None,
    )


def read_answer(content: bytes, *, subject: str) -> Login:
    """What a program answers: `{"Username": ..., "Secret": ...}`; `Refused` where that is no login."""
    answer = Fields.of(strict_json.loads(content, subject=subject, max_depth=8), code=CODE, subject=subject)
    answer.known("ServerURL", "Username", "Secret")
    username, secret = answer.text("Username"), answer.text("Secret")
    if username == "<token>":
        return Login(identity_token=secret)
    return Login(username=_name(username, subject), password=secret)


def _entries(document: Fields) -> Iterator[tuple[str, Login]]:
    entries = document.optional_object("auths")
    if entries is None:
        return
    if len(entries.value) > _MAX_ENTRIES:
        raise entries.refusal("", f"has {len(entries.value)} entries, expected at most {_MAX_ENTRIES}")
    for name in entries.value:
        login = _login(entries.object(name).known(*_ENTRY))
        if login is not None:
            yield _meant(name), login


def _login(entry: Fields) -> Login | None:
    """What an entry holds; None for an empty one, which stands for what a program keeps."""
    username, password = entry.go_text("username"), entry.go_text("password")
    if (encoded := entry.go_text("auth")) is not None:
        username, password = _decoded(encoded, entry)
    identity, token = entry.go_text("identitytoken"), entry.go_text("registrytoken")
    if identity is not None or token is not None:
        return Login(identity_token=identity, registry_token=token)
    if username is None and password is None:
        return None
    if username is None or password is None:
        raise entry.refusal("", "has a user name or a password, expected both")
    return Login(username=_name(username, entry.subject), password=password)


def _decoded(encoded: str, entry: Fields) -> tuple[str, str]:
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise entry.refusal("auth", "is not base64 of a user name and a password") from None
    username, colon, password = text.partition(":")
    # Older clients padded what they encoded.
    password = password.strip("\x00")
    if not colon or not username or not password:
        raise entry.refusal("auth", "is not base64 of a user name, a colon and a password")
    return username, password


def _name(username: str, subject: str) -> str:
    if ":" in username or not username.isprintable():
        raise _unusable(subject, "a user name with a colon, or with something that does not show")
    return username


def _program(document: Fields, key: str) -> str:
    name = document.text(key)
    if not _PROGRAM.match(name) or name in {".", ".."}:
        raise document.refusal(key, "is not the name of a program: letters, digits, '.', '_' and '-'")
    return name


def _meant(name: str) -> str:
    """What an entry is for: a registry, or a part of one."""
    scheme, separator, rest = name.partition("://")
    if separator and scheme in {"http", "https"}:
        return rest.partition("/")[0]
    return _API.sub("", name)


def _fitting(registry: str, repository: str) -> Iterator[str]:
    """The names of entries that are for a repository, the longest first."""
    for host in ("docker.io", "index.docker.io") if registry == HUB else (registry,):
        path = f"{host}/{repository}"
        while path != host:
            yield path
            path = path.rpartition("/")[0]
        yield host


def _unusable(subject: str, message: str) -> Refused:
    return refuse(CODE, subject, message)
