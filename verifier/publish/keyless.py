"""Signing keyless: a key that lives for minutes, certified for an identity, in a Sigstore bundle v0.3.

* a statement is held to what every statement of ours is held to, before anything is sent
* the private key never leaves this process, and is forgotten with the signer
* a bundle is handed out only when it verifies against the instance's trusted root, and holds a timestamp of every
  authority that the signing configuration asks
* one certificate serves all that one signer signs
* no request waits for ever
* the identity token appears in no message

Source: https://github.com/sigstore/architecture-docs/blob/main/client-spec.md, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import requests
from cryptography import x509
from requests.adapters import HTTPAdapter
from sigstore._internal.fulcio.client import ExpiredCertificate, FulcioClientError
from sigstore._internal.rekor import RekorClientError
from sigstore.dsse import Statement
from sigstore.errors import Error as SigstoreError
from sigstore.errors import VerificationError
from sigstore.hashes import Hashed
from sigstore.models import Bundle, InvalidBundle
from sigstore.oidc import ExpiredIdentity, IdentityError, IdentityToken
from sigstore.sign import Signer, SigningContext
from sigstore.verify import Verifier
from sigstore_models.common.v1 import HashAlgorithm

from verifier.core.digest import Digest
from verifier.core.errors import ConfigurationError, refuse
from verifier.publish.attest import serialise_statement
from verifier.publish.identity_token import AUDIENCE, SigningIdentity
from verifier.publish.sigstore_instance import SigningInstance
from verifier.signatures.sigstore.parts.library import LIBRARY_ERRORS

PATIENCE: Final = 60.0
"""Seconds that a service may stay silent; Rekor v2 answers when the entry is in the log, after several."""

_SERVICE_ERRORS: Final = (FulcioClientError, RekorClientError, requests.RequestException)
_EXPIRED: Final = (IdentityError, ExpiredIdentity, ExpiredCertificate)
_STRANGE_ANSWERS: Final = (*LIBRARY_ERRORS, LookupError, TypeError, AttributeError, RecursionError)
"""What the library raises over an answer that is not what it expects: it takes their shape on trust."""


class KeylessSigner:
    """Signs with one identity at one instance, in one thread; asks for its certificate when first used."""

    def __init__(self, instance: SigningInstance, identity: SigningIdentity) -> None:
        self.instance = instance
        self.identity = identity
        self._context = _context(instance)
        self._verifier = Verifier(trusted_root=instance.trusted_root)
        self._signer: Signer | None = None

    def sign_artifact(self, digest: Digest) -> bytes:
        """A signature over the artifact with this SHA-256."""
        hashed = Hashed(algorithm=HashAlgorithm.SHA2_256, digest=bytes.fromhex(digest.value))
        bundle = self._sign(lambda signer: signer.sign_artifact(hashed))
        self._check(bundle, lambda: self._verifier.verify_artifact(hashed, bundle, _ANYONE))
        return _serialise(bundle)

    def sign_payload(self, payload: bytes) -> bytes:
        """A signed envelope of `payload`, the bytes of an in-toto statement."""
        try:
            statement = Statement(payload)
        except SigstoreError as error:
            brief = " ".join(str(error).split())[:300]
            raise ConfigurationError(f"this statement cannot be signed keyless: {brief}") from error
        bundle = self._sign(lambda signer: signer.sign_dsse(statement))
        self._check(bundle, lambda: self._verifier.verify_dsse(bundle, _ANYONE))
        return _serialise(bundle)

    def _sign(self, sign: Callable[[Signer], Bundle]) -> Bundle:
        name = self.instance.name
        try:
            if self._signer is None:
                self._signer = Signer(IdentityToken(self.identity.token, AUDIENCE), self._context)
            return sign(self._signer)
        except _EXPIRED as error:
            raise ConfigurationError("it has expired, or its certificate has", where="identity token") from error
        except (VerificationError, InvalidBundle) as error:
            raise self._unverifiable(error) from error
        except _SERVICE_ERRORS as error:
            seen = f"{type(error).__name__}: {error.__cause__ or error}"
            raise refuse("input.unreachable", name, self._without_token(f"a signing service failed: {seen}")) from error
        except _STRANGE_ANSWERS as error:
            seen = f"{type(error).__name__}: {error}"
            message = f"a signing service gave an answer that cannot be used: {seen}"
            raise refuse("input.unreachable", name, self._without_token(message)) from error

    def _check(self, bundle: Bundle, verify: Callable[[], object]) -> None:
        """A service that is broken, or of another instance, is found out now and not by whoever verifies."""
        wanted = len(self.instance.signing_config.get_tsas())
        stamps = bundle.verification_material.timestamp_verification_data
        given = len(stamps.rfc3161_timestamps) if stamps else 0
        if given < wanted:
            message = f"{given} timestamp authorities answered, expected {wanted}"
            raise refuse("input.unreachable", self.instance.name, message)
        try:
            verify()
        except LIBRARY_ERRORS as error:
            raise self._unverifiable(error) from error

    def _unverifiable(self, error: Exception) -> ConfigurationError:
        return ConfigurationError(
            f"what the services signed does not verify: {error}",
            where=self.instance.name,
            hint="The trusted root and the signing configuration have to be of the same instance.",
        )

    def _without_token(self, message: str) -> str:
        """A service may repeat what it was sent."""
        return " ".join(message.replace(self.identity.token, "[identity token]").split())[:500]


def sign_artifact_keyless(content: bytes | Digest, *, signer: KeylessSigner) -> bytes:
    """A Sigstore bundle with a signature over `content`, which its SHA-256 may stand for."""
    digest = content if isinstance(content, Digest) else Digest.of(content)
    if digest.algorithm != "sha256":
        raise ConfigurationError(f"a keyless signature is over a sha256 digest, not {digest.algorithm}")
    return signer.sign_artifact(digest)


def attest_keyless(statement: Mapping[str, Any], *, signer: KeylessSigner) -> bytes:
    """A Sigstore bundle with `statement`: a release, a verification summary, or any other predicate."""
    return signer.sign_payload(serialise_statement(statement))


class _Anyone:
    """Who signed is not in question here."""

    def verify(self, cert: x509.Certificate) -> None:
        pass


class _Bounded(HTTPAdapter):
    """The library sets no time limit of its own on certificates and log entries."""

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = options.get("timeout") or PATIENCE
        return super().send(request, *args, **options)


_ANYONE: Final = _Anyone()


def _context(instance: SigningInstance) -> SigningContext:
    config = instance.signing_config
    fulcio, log = config.get_fulcio(), config.get_tlogs()[0]
    # The log clients' session has no public name; a test fails when it moves.
    for session in (fulcio.session, log._session):  # type: ignore[attr-defined]
        session.mount("https://", _Bounded())
        session.mount("http://", _Bounded())
    return SigningContext(fulcio=fulcio, rekor=log, trusted_root=instance.trusted_root, tsa_clients=config.get_tsas())


def _serialise(bundle: Bundle) -> bytes:
    return bundle.to_json().encode() + b"\n"
