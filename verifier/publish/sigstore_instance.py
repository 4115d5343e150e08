"""Sigstore instances to sign with: where their services are, and whom to believe about what they answer.

* the public instances' configurations come by TUF, as they are now
* one's own instance is a trusted root and a signing configuration, or one client trust configuration with both
* files are read strictly and in full before anything is sent anywhere
* an identity token is sent by https only, or to this machine itself

Source: https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sigstore.errors import Error as SigstoreError
from sigstore.models import ClientTrustConfig, SigningConfig, TrustedRoot
from sigstore_models.trustroot import v1 as trustroot_v1

from verifier.core.errors import ConfigurationError, Refused, refuse
from verifier.core.signers import sigstore
from verifier.core.value import Value, field
from verifier.files.read import read_regular_file
from verifier.formats.json import strict_json
from verifier.formats.json.write import compact
from verifier.signatures.sigstore.root import CONFIG_TYPE, MAX_ROOT_BYTES, Instance, parse_root

_DEPTH: Final = 16


class SigningInstance(Value):
    """An instance that can be signed with; `name` says where its configuration was read."""

    name: str
    trusted_root: TrustedRoot = field(repr=False)
    signing_config: SigningConfig = field(repr=False)

    def __post_init__(self) -> None:
        url = self.signing_config.get_fulcio().url
        if not _is_private_channel(url):
            message = f"the certificate authority is at {url!r:.200}, and an identity token is sent by https only"
            raise ConfigurationError(message, where=self.name)


def public_instance(instance: Instance) -> SigningInstance:
    """The production or staging instance, refreshed over the network by TUF and kept in the library's cache."""
    try:
        config = ClientTrustConfig.production() if instance == "production" else ClientTrustConfig.staging()
        return SigningInstance(name=instance, trusted_root=config.trusted_root, signing_config=config.signing_config)
    except (SigstoreError, OSError) as error:
        raise refuse("input.unreachable", instance, f"the instance's configuration cannot be had: {error}") from error


def load_instance(*, trusted_root: Path, signing_config: Path | None) -> SigningInstance:
    """An instance from files; `trusted_root` alone is a client trust configuration."""
    believed = sigstore.SigstoreInstance(name=str(trusted_root), document=_read(trusted_root))
    return instance_of(believed, signing_config=signing_config)


def instance_of(believed: sigstore.SigstoreInstance, *, signing_config: Path | None = None) -> SigningInstance:
    """Where to sign so that whoever believes `believed` can verify it."""
    name = believed.name
    if name in (sigstore.PRODUCTION.name, sigstore.STAGING.name) or believed.document is None:
        if signing_config is not None:
            message = "a signing configuration belongs to a trusted root of your own, and none was named"
            raise ConfigurationError(message, where=str(signing_config))
        return public_instance("staging" if name == sigstore.STAGING.name else "production")
    # The same reading as when verifying: what could not be verified with is not signed with.
    parse_root(believed.document, name=name)
    root, config, where = _json_object(believed.document, name), None, name
    if root.get("mediaType") == CONFIG_TYPE:
        config, root = root.get("signingConfig"), _require_object(root.get("trustedRoot"), name)
    if signing_config is not None:
        where = str(signing_config)
        config = _json_object(_read(signing_config), where)
    if config is None:
        raise ConfigurationError(
            "this says whom to believe and not where to sign",
            where=name,
            hint="Name a signing configuration too, or a client trust configuration, which holds both.",
        )
    # The library is shown what was read here, not the files.
    try:
        return SigningInstance(
            name=where,
            trusted_root=TrustedRoot(trustroot_v1.TrustedRoot.from_json(compact(root))),
            signing_config=SigningConfig(trustroot_v1.SigningConfig.from_json(compact(config))),
        )
    except (SigstoreError, ValueError) as error:
        raise ConfigurationError(f"cannot be signed with: {_brief(error)}", where=where) from error


def _read(path: Path) -> bytes:
    try:
        return read_regular_file(path, max_bytes=MAX_ROOT_BYTES)
    except Refused as refused:
        raise ConfigurationError(refused.reasons[0].message, where=str(path)) from refused


def _json_object(document: bytes, where: str) -> dict[str, strict_json.JsonValue]:
    try:
        value = strict_json.loads(document, subject=where, max_depth=_DEPTH)
    except Refused as refused:
        from verifier.formats.foreign.named import sentence  # noqa: PLC0415 - only for what was refused

        what, todo = sentence(document, place="signing")
        raise ConfigurationError(what or refused.reasons[0].message, where=where, hint=todo) from refused
    return _require_object(value, where)


def _require_object(value: object, where: str) -> dict[str, strict_json.JsonValue]:
    if not isinstance(value, dict):
        raise ConfigurationError("not a JSON object", where=where)
    return value


def _brief(error: Exception) -> str:
    """The validation library's messages run over many lines and repeat what they were given."""
    return " ".join(str(error).split())[:300]


def _is_private_channel(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    if parts.hostname == "localhost":
        return parts.scheme == "http"
    try:
        return parts.scheme == "http" and ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
