"""Trusted roots of Sigstore instances: whose certificates, logs and timestamps are believed, and when.

* the production and staging instances' roots come with the library, from when it was released; nothing is fetched
* a root of one's own is a `trusted_root.json` or a client trust configuration, read strictly; a file may hold several,
  as `gh attestation trusted-root` writes them, of which each is believed as a whole
* every key and authority has its window of validity, ends included; whoever uses one asks the window
* only `refreshed` goes to the network, by TUF

Source: https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.signers.sigstore import SigstoreInstance
from verifier.core.value import Value, field, replace
from verifier.files.read import read_named_file
from verifier.formats.base64_text import decode_field
from verifier.formats.json.fields import Fields
from verifier.formats.sigstore.root_documents import root_documents

Instance = Literal["production", "staging"]

MAX_ROOT_BYTES: Final = 1024 * 1024
"""Bytes of a trusted root; the public ones take 10 KiB."""
_MOST: Final = 64
"""Authorities and logs of one kind, and certificates of one authority."""
_TUF: Final[dict[str, str]] = {
    "production": "https://tuf-repo-cdn.sigstore.dev",
    "staging": "https://tuf-repo-cdn.sigstage.dev",
}
_ROOT_TYPES: Final = (
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
)
CONFIG_TYPE: Final = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"


class Window(Value):
    """When something counts; both ends do too, and an absent end is open."""

    start: datetime | None = None
    end: datetime | None = None

    def contains(self, moment: datetime) -> bool:
        """Whether `moment` lies within, ends included."""
        return (self.start is None or self.start <= moment) and (self.end is None or moment <= self.end)

    def __str__(self) -> str:
        start, end = (each.isoformat() if each else "ever" for each in (self.start, self.end))
        return f"from {start} to {end}"


class TransparencyLog(Value):
    """A transparency log or a certificate log: its id, its key and when that counts."""

    url: str
    log_id: bytes
    key: bytes = field(repr=False)
    key_details: str
    window: Window


class Authority(Value):
    """A certificate or timestamp authority: its certificates, root last, and when they count."""

    uri: str
    certificates: tuple[bytes, ...] = field(repr=False)
    window: Window


class TrustRoot(Value):
    """Everyone whom one Sigstore instance asks to be believed. `name` says where this was read."""

    name: str
    certificate_authorities: tuple[Authority, ...]
    logs: tuple[TransparencyLog, ...]
    certificate_logs: tuple[TransparencyLog, ...]
    timestamp_authorities: tuple[Authority, ...]


def roots_of(instance: SigstoreInstance) -> tuple[TrustRoot, ...]:
    """The roots that a policy names: those of its own document, or the one that comes with the library."""
    if instance.document is not None:
        return parse_roots(instance.document, name=instance.name)
    return (embedded_root("staging" if instance.name == "staging" else "production"),)


def root_digest(instance: SigstoreInstance) -> Digest:
    """The digest of the document that `roots_of` reads, with all its roots."""
    if instance.document is not None:
        return Digest.of(instance.document)
    return Digest.of(_embedded("staging" if instance.name == "staging" else "production"))


def embedded_root(instance: Instance) -> TrustRoot:
    """The root that the library carries for a public instance; reads no network and no cache."""
    return parse_root(_embedded(instance), name=instance)


def _embedded(instance: Instance) -> bytes:
    # The library is found and not imported: a root is a file of its distribution.
    found = find_spec("sigstore")
    read: Callable[[str], bytes] | None = getattr(found and found.loader, "get_data", None)
    if found is None or found.origin is None or read is None:
        raise ConfigurationError("the `sigstore` library, which brings the root, is not installed", where=instance)
    folder = Path(found.origin).parent / "_store" / quote(_TUF[instance], safe="")
    return read(str(folder / "trusted_root.json"))


def load_root(path: Path) -> TrustRoot:
    """Read a trusted root, or the one in a client trust configuration; raises `ConfigurationError`."""
    try:
        document = read_named_file(path, max_bytes=MAX_ROOT_BYTES)
    except ConfigurationError as error:
        raise ConfigurationError(error.message, where=str(path), hint=error.hint) from error
    return parse_root(document, name=str(path))


def refreshed(instance: SigstoreInstance) -> SigstoreInstance:
    """The instance with the root that it publishes now, by TUF over the network, kept in the library's cache."""
    from sigstore.errors import Error  # noqa: PLC0415
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415

    if instance.document is not None:
        raise ConfigurationError(
            "a root that was read from a file is refreshed by whoever wrote it", where=instance.name
        )
    try:
        config = ClientTrustConfig.staging() if instance.name == "staging" else ClientTrustConfig.production()
    except Error as error:
        raise ConfigurationError(f"the trusted root cannot be refreshed: {error}", where=instance.name) from error
    document: bytes = config.trusted_root._inner.to_json().encode()
    return replace(instance, document=document)


def parse_root(document: bytes, *, name: str) -> TrustRoot:
    """Read the one trusted root of a document; raises `ConfigurationError`."""
    roots = parse_roots(document, name=name)
    if len(roots) != 1:
        message = f"holds {len(roots)} trusted roots, expected one root"
        hint = "Put the line or item of the instance that is meant into a file of its own."
        raise ConfigurationError(message, where=name, hint=hint)
    return roots[0]


def parse_roots(document: bytes, *, name: str) -> tuple[TrustRoot, ...]:
    """Read all trusted roots of a document, at least one; raises `ConfigurationError` where one of them is wrong."""
    if len(document) > MAX_ROOT_BYTES:
        raise ConfigurationError(f"takes more than {MAX_ROOT_BYTES} bytes, not a trusted root", where=name)
    try:
        named = root_documents(document, subject=name)
        return tuple(_root(Fields.of(value, code="attestation.invalid", subject=each), each) for each, value in named)
    except Refused as refused:
        from verifier.formats.foreign.named import sentence  # noqa: PLC0415 - only for what was refused

        first, (what, todo) = refused.reasons[0], sentence(document, place="root")
        message = f"not a trusted root: {what or first.message}"
        raise ConfigurationError(message, where=first.subject, hint=todo) from refused


def _root(fields: Fields, name: str) -> TrustRoot:
    if fields.value.get("mediaType") == CONFIG_TYPE:
        # What signs is not looked at here; the library writes its name in either of protobuf's spellings.
        fields.known("mediaType", "trustedRoot", "signingConfig", "signing_config", closed=True)
        fields = fields.object("trustedRoot")
    fields.known("mediaType", "tlogs", "certificateAuthorities", "ctlogs", "timestampAuthorities", closed=True)
    if fields.text("mediaType") not in _ROOT_TYPES:
        raise fields.refusal("mediaType", f"is {fields.value['mediaType']!r:.200}, expected {_ROOT_TYPES[0]!r}")
    root = TrustRoot(
        name=name,
        certificate_authorities=_authorities(fields, "certificateAuthorities"),
        logs=_logs(fields, "tlogs"),
        certificate_logs=_logs(fields, "ctlogs"),
        timestamp_authorities=_authorities(fields, "timestampAuthorities"),
    )
    if not (root.logs or root.timestamp_authorities):
        raise fields.refusal("", "names neither a transparency log nor a timestamp authority: nothing can be believed")
    return root


def _authorities(fields: Fields, name: str) -> tuple[Authority, ...]:
    return tuple(_authority(item) for item in fields.objects(name, most=_MOST, required=False))


def _authority(fields: Fields) -> Authority:
    fields.known("subject", "uri", "certChain", "validFor", "operator", closed=True)
    chain = fields.object("certChain").known("certificates", closed=True).objects("certificates", most=_MOST)
    if not chain:
        raise fields.refusal("certChain", "holds no certificate")
    return Authority(
        uri=fields.go_text("uri") or "",
        certificates=tuple(decode_field(item.known("rawBytes", closed=True), "rawBytes") for item in chain),
        window=_window(fields.object("validFor")),
    )


def _logs(fields: Fields, name: str) -> tuple[TransparencyLog, ...]:
    return tuple(_log(item) for item in fields.objects(name, most=_MOST, required=False))


def _log(fields: Fields) -> TransparencyLog:
    fields.known("baseUrl", "hashAlgorithm", "publicKey", "logId", "checkpointKeyId", "operator", closed=True)
    key = fields.object("publicKey").known("rawBytes", "keyDetails", "validFor", closed=True)
    window = key.optional_object("validFor")
    return TransparencyLog(
        url=fields.go_text("baseUrl") or "",
        log_id=decode_field(fields.object("logId").known("keyId", closed=True), "keyId"),
        key=decode_field(key, "rawBytes"),
        key_details=key.text("keyDetails"),
        window=_window(window) if window else Window(),
    )


def _window(fields: Fields) -> Window:
    fields.known("start", "end", closed=True)
    window = Window(start=fields.moment("start"), end=fields.optional_moment("end"))
    if window.start is not None and window.end is not None and window.end < window.start:
        raise fields.refusal("end", "lies before the start")
    return window
