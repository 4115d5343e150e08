"""Keys that never leave their hardware security module or key management service.

* a URI names the provider and the key: `hsm:`, `awskms:`, `gcpkms:`, `azurekms:`, `hashivault:`; no other scheme
* a statement is held to what every statement of ours is held to, before anything is sent
* what comes back is handed out only when it verifies with the public key
* what the provider needs is imported when it is used, and named when it is missing
* credentials are the provider's own, from its environment; a PIN is asked for when it is needed and not kept

Signing is `securesystemslib.signer`'s: https://python-securesystemslib.readthedocs.io/en/latest/signer.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from verifier.core import uris
from verifier.core.errors import ConfigurationError
from verifier.core.text.extras import how_to_install
from verifier.core.text.shown import shown, without_secrets
from verifier.core.value import Value, field
from verifier.formats.intoto.dsse import EnvelopeSignature, build_envelope, pae
from verifier.publish.attest import serialise_statement
from verifier.signatures import keys

if TYPE_CHECKING:
    from securesystemslib.signer._key import SSlibKey
    from securesystemslib.signer._signer import Signer

AskSecret = Callable[[str], str]
"""Asks a person, or a file, for the secret with this name ("pin")."""

_ALGORITHMS: Final = {
    "ecdsa-sha2-nistp256": "ES256",
    "ecdsa-sha2-nistp384": "ES384",
    "ecdsa-sha2-nistp521": "ES512",
    "ed25519": "EdDSA",
    "rsa-pkcs1v15-sha256": "RS256",
    "rsa-pkcs1v15-sha384": "RS384",
    "rsa-pkcs1v15-sha512": "RS512",
    "rsassa-pss-sha256": "PS256",
    "rsassa-pss-sha384": "PS384",
    "rsassa-pss-sha512": "PS512",
}
_HSM: Final = re.compile(r"hsm:(?P<id>\d{0,9})(?:\?label=(?P<label>[^&#]+))?", re.ASCII)
_PIV_SIGNATURE_SLOT: Final = 2


class RemoteKey(Value):
    """A key that signs elsewhere. `public_key` is PEM; `algorithms` holds the one that it signs with."""

    uri: str = field(repr=False)
    public_key: bytes
    algorithms: tuple[str, ...]
    signer: Signer = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, ECDSA's as DER; raises `ConfigurationError` where the provider gives none."""
        try:
            signature = bytes.fromhex(self.signer.sign(message).signature)
        except Exception as error:
            raise _failed(self.uri, error) from error
        public_key = keys.load_public_key(self.public_key, where=shown(self.uri))
        if not any(keys.verify(public_key, each, message, signature, accept_der=True) for each in self.algorithms):
            raise ConfigurationError("what was signed does not verify with the public key", where=shown(self.uri))
        return signature

    def sign_envelope(self, statement: Mapping[str, Any], *, keyid: str | None = None) -> bytes:
        """`statement` in a DSSE envelope signed by this key, as one line of JSON."""
        payload = serialise_statement(statement)
        sig = self.sign(pae(uris.IN_TOTO_PAYLOAD, payload))
        return build_envelope(uris.IN_TOTO_PAYLOAD, payload, [EnvelopeSignature(keyid=keyid or "", sig=sig)])


def open_remote_key(uri: str, *, ask: AskSecret | None = None) -> RemoteKey:
    """Find the key that `uri` names and fetch its public half; raises `ConfigurationError`.

    * `hsm:[ID][?label=TOKEN]`: an ECDSA key on a PKCS #11 token, whose module the variable `PYKCS11LIB` names
    * `awskms:///KEY`, where KEY is an id, an ARN, or `alias/NAME`
    * `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V`
    * `azurekms://VAULT.vault.azure.net/KEY`, its newest version
    * `hashivault://KEY`, an Ed25519 key of the transit engine, its newest version
    """
    scheme = uri.partition(":")[0]
    if scheme not in _PROVIDERS:
        known = ", ".join(f"{each}:" for each in _PROVIDERS)
        raise ConfigurationError(f"is of no known key provider, expected one of {known}", where=shown(uri))
    class_name, arguments_of = _PROVIDERS[scheme]
    arguments = arguments_of(uri, ask)
    try:
        library = import_module("securesystemslib.signer")
        private_uri, public = getattr(library, class_name).import_(*arguments)
        signer = library.Signer.from_priv_key_uri(private_uri, public, ask)
    except Exception as error:
        raise _missing(scheme, uri) if _lacks_library(error) else _failed(uri, error) from error
    algorithm = _ALGORITHMS.get(public.scheme)
    if algorithm is None:
        raise ConfigurationError(f"signs with {public.scheme!r:.100}, which is not supported", where=shown(uri))
    return RemoteKey(uri=uri, public_key=_public_pem(public, uri), algorithms=(algorithm,), signer=signer)


def _hsm(uri: str, ask: AskSecret | None) -> tuple[object, ...]:
    match = _HSM.fullmatch(uri)
    if match is None:
        raise ConfigurationError("is not hsm:[ID][?label=TOKEN], with a number as ID", where=shown(uri))
    if ask is None:
        hint = "Give it in a file, or sign at a terminal."
        raise ConfigurationError("needs a PIN, and nobody is there to be asked", where=shown(uri), hint=hint)
    label = unquote_plus(match["label"]) if match["label"] else None
    return (int(match["id"] or _PIV_SIGNATURE_SLOT), label, ask)


def _aws(uri: str, _ask: AskSecret | None) -> tuple[object, ...]:
    # cosign puts an endpoint between the second and the third slash; here the environment sets it.
    return (_name(uri, "awskms:///"),)


def _gcp(uri: str, _ask: AskSecret | None) -> tuple[object, ...]:
    return (_name(uri, "gcpkms://"),)


def _azure(uri: str, _ask: AskSecret | None) -> tuple[object, ...]:
    host, _, key = _name(uri, "azurekms://").partition("/")
    vault, _, domain = host.partition(".")
    if not vault or not key or "/" in key or domain != "vault.azure.net":
        raise ConfigurationError("is not azurekms://VAULT.vault.azure.net/KEY", where=shown(uri))
    return (vault, key)


def _vault(uri: str, _ask: AskSecret | None) -> tuple[object, ...]:
    return (_name(uri, "hashivault://"),)


_PROVIDERS: Final[dict[str, tuple[str, Callable[[str, AskSecret | None], tuple[object, ...]]]]] = {
    "hsm": ("HSMSigner", _hsm),
    "awskms": ("AWSSigner", _aws),
    "gcpkms": ("GCPSigner", _gcp),
    "azurekms": ("AzureSigner", _azure),
    "hashivault": ("VaultSigner", _vault),
}
"""The library's class for a scheme, and what its `import_` is asked for."""


def _name(uri: str, prefix: str) -> str:
    name = uri.removeprefix(prefix)
    if name == uri or not name:
        raise ConfigurationError(f"names no key, expected {prefix}KEY", where=shown(uri))
    return name


def _public_pem(public: SSlibKey, uri: str) -> bytes:
    text = public.keyval["public"]
    if public.keytype == "ed25519":
        key: keys.PublicKey = ed25519.Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    else:
        key = keys.load_public_key(text.encode(), where=shown(uri))
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _lacks_library(error: Exception) -> bool:
    # The class cannot be imported where the library is what is missing.
    return isinstance(error, ImportError) or type(error).__name__ == "UnsupportedLibraryError"


def _missing(scheme: str, uri: str) -> ConfigurationError:
    message = "needs a library that is not installed"
    return ConfigurationError(message, where=shown(uri), hint=how_to_install(scheme))


def _failed(uri: str, error: Exception) -> ConfigurationError:
    """securesystemslib passes on whatever a driver or a cloud's library raises, and asks that all of it be caught."""
    seen = without_secrets(" ".join(str(error).replace(uri, shown(uri)).split()))[:300]
    return ConfigurationError(f"the key's provider failed: {type(error).__name__} {seen}".rstrip(), where=shown(uri))
