"""What the environment says of registries: settings, credentials, and the programs that know these. docs/networks.md.

* settings are those of one file; credentials are those that Docker's and containers' tools have stored
* nothing is looked up before a registry asks for it
"""

from __future__ import annotations

import os
from pathlib import Path

from verifier.cli.network import network
from verifier.core.errors import ConfigurationError
from verifier.net.access import Access
from verifier.net.credentials.program import Programs
from verifier.net.credentials.stored import StoredLogins
from verifier.net.registry.settings import Registries, read_registries


def registry_access(registry: str) -> Access:
    """How to reach a registry, as references name it, from here; raises `ConfigurationError`."""
    stored = StoredLogins(tuple(_files()), Programs(folders=_folders(), environment=dict(os.environ)))
    return _registries().access(registry, Access(network=network(), stored=stored))


def reference_access(reference: str) -> Access:
    """As `registry_access`, for the registry of `oci://registry/…`, with or without the scheme."""
    _, scheme, rest = reference.partition("://")
    return registry_access((rest if scheme else reference).partition("/")[0])


def _registries() -> Registries:
    """The settings in VERIFY_REGISTRIES, or in the XDG configuration folder where there are some."""
    if given := os.environ.get("VERIFY_REGISTRIES"):
        try:
            return read_registries(Path(given))
        except ConfigurationError as error:
            raise ConfigurationError(
                error.message, where=f"VERIFY_REGISTRIES: {error.where}", hint=error.hint
            ) from None
    path = _folder("XDG_CONFIG_HOME", ".config") / "policy-verifier" / "registries.toml"
    return read_registries(path) if os.path.lexists(path) else Registries()


def _files() -> list[Path]:
    """The files of credentials, in the order in which they count: the first that knows a login does."""
    named = [Path(each) for name in ("REGISTRY_AUTH_FILE",) if (each := os.environ.get(name))]
    docker = os.environ.get("DOCKER_CONFIG")
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return [
        *named,
        *([Path(docker) / "config.json"] if docker else []),
        *([Path(runtime) / "containers" / "auth.json"] if runtime else []),
        _folder("XDG_CONFIG_HOME", ".config") / "containers" / "auth.json",
        *([] if docker else [Path.home() / ".docker" / "config.json"]),
    ]


def _folders() -> tuple[Path, ...]:
    """Where programs are: not in whatever folder a command is run in."""
    folders = (Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder)
    return tuple(folder for folder in folders if folder.is_absolute())


def _folder(variable: str, otherwise: str) -> Path:
    stated = os.environ.get(variable)
    return Path(stated) if stated else Path.home() / otherwise
