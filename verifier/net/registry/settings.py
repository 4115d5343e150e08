"""What a user says of registries: mirrors, authorities, token services, and which may be asked without TLS.

* a registry is meant by its host, and its port where references name one; nothing is said of all of them at once
* without TLS is asked only who is named so, and with which authorities each is
* every error names its line

    version = 1

    [registries."docker.io"]
    mirrors = ["mirror.acme.example/hub"]   # asked first, by digest
    tags_from_mirrors = true                # and believed in what a tag names

    [registries."mirror.acme.example"]
    ca_file = "/etc/ssl/acme.pem"
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value, replace
from verifier.files.read import read_named_file
from verifier.formats.oci.manifest import parse_reference
from verifier.formats.toml.document import open_document
from verifier.formats.toml.table import Table
from verifier.net.access import Access, Mirror, check_token_host

MAX_SETTINGS_BYTES: Final = 1024 * 1024
MIRROR_KEYS: Final = frozenset({"mirrors", "tags_from_mirrors"})
_KEYS: Final = MIRROR_KEYS | frozenset(
    {"insecure", "ca_file", "client_certificate", "client_key"} | {"token_host", "token_service", "allow_private"}
)
_HUB: Final = {"docker.io": {"token_host": "auth.docker.io", "token_service": "registry.docker.io"}}
"""Docker's own registry takes a password at another host than its own."""


class RegistrySettings(Value):
    """What is said of one registry."""

    mirrors: tuple[str, ...] = ()
    tags_from_mirrors: bool = False
    plain_http: bool = False
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    token_host: str | None = None
    token_service: str | None = None
    allow_private: bool = False


class Registries(Value):
    """What is said of each registry, by the name that references have for it; of others nothing is."""

    named: tuple[tuple[str, RegistrySettings], ...] = ()

    def access(self, registry: str, base: Access) -> Access:
        """How to reach a registry and its mirrors: as `base` says, and what is said of them here."""
        said = dict(self.named).get(registry, RegistrySettings())
        mirrors = tuple(mirror_of(each, lambda host: self._own(host, base)) for each in said.mirrors)
        return replace(self._own(registry, base), mirrors=mirrors, tags_from_mirrors=said.tags_from_mirrors)

    def _own(self, registry: str, base: Access) -> Access:
        said = dict(self.named).get(registry, RegistrySettings())
        known = _HUB.get(registry, {})
        return replace(
            base,
            plain_http=said.plain_http,
            ca_file=said.ca_file,
            client_certificate=said.client_certificate,
            client_key=said.client_key,
            token_host=said.token_host or known.get("token_host"),
            token_service=said.token_service or known.get("token_service"),
            allow_private=said.allow_private,
        )


def mirror_of(written: str, reached: Callable[[str], Access]) -> Mirror:
    """The mirror that is written `HOST[:PORT][/REPOSITORY]`; `reached` says how its host is."""
    host, _, prefix = written.partition("/")
    return Mirror(host=host, prefix=f"{prefix}/" if prefix else "", access=reached(host))


def stated_mirrors(section: Table) -> tuple[tuple[str, ...], bool]:
    """The mirrors of a table, as they are written, and whether they are believed in what a tag names."""
    mirrors = section.checked_texts("mirrors", _check_mirror) if "mirrors" in section.values else ()
    if "tags_from_mirrors" in section.values and not mirrors:
        raise section.error("tags_from_mirrors", "needs mirrors")
    return mirrors, section.flag("tags_from_mirrors", default=False)


def read_registries(path: Path) -> Registries:
    """The settings in the file at `path`; raises `ConfigurationError` for whatever is wrong with it."""
    try:
        source = read_named_file(path, max_bytes=MAX_SETTINGS_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    known = frozenset({"version", "registries"})
    top = open_document(
        source, where=str(path), known=known, max_bytes=MAX_SETTINGS_BYTES, whole="the settings of registries"
    )
    return Registries(
        named=tuple((name, _settings(name, each, path.parent)) for name, each in top.named_tables("registries", _KEYS))
    )


def _settings(name: str, section: Table, folder: Path) -> RegistrySettings:
    try:
        _check_host(name)
    except ValueError as error:
        raise section.source.error(section.path, str(error)) from error
    if ("client_certificate" in section.values) != ("client_key" in section.values):
        given = "client_certificate" if "client_certificate" in section.values else "client_key"
        raise section.error(given, "needs its counterpart: a certificate and its key")
    mirrors, by_tag = stated_mirrors(section)
    return RegistrySettings(
        mirrors=mirrors,
        tags_from_mirrors=by_tag,
        plain_http=section.flag("insecure", default=False),
        ca_file=_file(section, "ca_file", folder),
        client_certificate=_file(section, "client_certificate", folder),
        client_key=_file(section, "client_key", folder),
        token_host=section.checked_text("token_host", check_token_host),
        token_service=section.optional_text("token_service"),
        allow_private=section.flag("allow_private", default=False),
    )


def _file(section: Table, key: str, folder: Path) -> Path | None:
    name = section.optional_text(key)
    if name is None:
        return None
    if not (folder / name).is_file():
        raise section.error(key, f"there is no file {folder / name}")
    return folder / name


def _check_host(text: str) -> str:
    try:
        if parse_reference(f"{text}/a:1").registry == text:
            return text
    except ValueError:
        pass
    raise ValueError(f"must be HOST or HOST:PORT, as references name a registry, not {text!r}")


def _check_mirror(text: str) -> str:
    host, slash, prefix = text.partition("/")
    try:
        _check_host(host)
        if slash:
            parse_reference(f"{host}/{prefix}:1")
    except ValueError:
        raise ValueError(f"must be HOST[:PORT][/REPOSITORY], without a scheme or a tag, not {text!r}") from None
    return text
