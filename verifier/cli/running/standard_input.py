"""`-` wherever a file is read, and what a shell hands over: `/dev/stdin`, `/dev/fd/63`, `<(...)`.

* a stream is read to its end, within a bound, into a file without a name; whatever reads files reads that
* a secret is not written anywhere: whoever reads secrets reads the stream itself
* two things are not read from one stream: the second is refused, by name
* on a terminal it is said what is waited for, and how to end it
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from verifier.cli.options.option import Destination
from verifier.cli.options.outputs import WRITTEN
from verifier.cli.options.parameter import Parameter
from verifier.core.errors import ConfigurationError
from verifier.core.limits import MAX_ARCHIVE_BYTES, MAX_DOCUMENT_BYTES, MAX_IMAGE_BYTES
from verifier.files.descriptor import STANDARD_INPUT, descriptor_of, is_stream

_ARCHIVES: Final = ("oci-archive:", "docker-archive:")
_READ: Final = frozenset(
    {"--attestation", "--previous", "--previous-attestation", "--sbom", "--trusted-root", "--key", "--signing-key"}
)
"""Options that take a text and may name a file."""
_LARGE: Final = frozenset({"--previous", "--subject", "--listed"})
"""Options that name an artifact."""
_WORDS: Final = frozenset({"SCOPE", "VERSION", "CODE", "SHELL", "COMMAND", "-- FLAGS", "-- ARGS"})
"""Arguments that name no file."""
_SECRET: Final = frozenset({"--signing-key", "--passphrase-file", "--identity-token"})
_NO_STREAM: Final = {
    "--db": "a database",
    "--advisories": "a database",
    "--cache": "a folder",
    "--root": "a folder",
}


def standing_in(known: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is `given` by the names of parameters, with a file's name wherever a stream was; raises
    `ConfigurationError`."""
    streams = _Streams()
    return {name: streams.in_place_of(known[name], value) for name, value in given.items()}


class _Streams:
    """What was read of which descriptor."""

    def __init__(self) -> None:
        self._taken: dict[int, str] = {}

    def in_place_of(self, parameter: Parameter, value: Any) -> Any:
        """`value`, or the names of files in its place."""
        if isinstance(value, tuple):
            return tuple(self._one(parameter, each) for each in value)
        return self._one(parameter, value)

    def _one(self, parameter: Parameter, value: Any) -> Any:
        text = str(value) if isinstance(value, str | Path) else ""
        prefix = next((each for each in _ARCHIVES if text.startswith(each)), "")
        name = STANDARD_INPUT if text[len(prefix) :] == "-" else text[len(prefix) :]
        if not is_stream(name) or not _is_read(parameter):
            return value
        called = parameter.said.flags[0] if parameter.said.flags else _argument(parameter)
        if called in _NO_STREAM:
            hint = "Name it by its path."
            raise ConfigurationError(f"is {_NO_STREAM[called]}, which is no stream", where=called, hint=hint)
        from verifier.cli.running.spooled import spool  # noqa: PLC0415 - only for a stream

        descriptor = descriptor_of(Path(name)) or 0
        self._take(descriptor, called)
        if not _is_secret(parameter):
            spool(descriptor, called, _most(parameter, prefix))
        return type(value)(prefix + name)

    def _take(self, descriptor: int, called: str) -> None:
        before = self._taken.get(descriptor)
        if before is not None:
            from verifier.cli.running.spooled import told  # noqa: PLC0415 - only for a mistake

            message = f"is read from {told(descriptor)}, and so is {before}: a stream is read once"
            raise ConfigurationError(message, where=called, hint="Give one of the two as a file.")
        self._taken[descriptor] = called


def _argument(parameter: Parameter) -> str:
    return (parameter.said.metavar or parameter.name).strip("[].")


def _is_read(parameter: Parameter) -> bool:
    """Whether the option or argument names what is read."""
    said = parameter.said
    if not said.flags:
        return not isinstance(said, Destination) and _argument(parameter) not in _WORDS
    return not WRITTEN.intersection(said.flags) and (parameter.takes is Path or bool(_READ.intersection(said.flags)))


def _is_secret(parameter: Parameter) -> bool:
    """Whether a private key, a passphrase or a token is named."""
    return parameter.said.metavar == "FILE|URI" or bool(_SECRET.intersection(parameter.said.flags))


def _most(parameter: Parameter, prefix: str) -> int:
    """Bytes that are read of a stream, whatever a policy allows of a file."""
    if prefix:
        return MAX_IMAGE_BYTES
    large = not parameter.said.flags or _LARGE.intersection(parameter.said.flags)
    return MAX_ARCHIVE_BYTES if large else MAX_DOCUMENT_BYTES
