"""Who signs keyless: an OpenID Connect identity token, given, found in CI, or asked for in a browser.

* what is given is used; else the CI system's own; else, and only where a person is present, a browser is opened
* a token that has expired, or was made for another audience, is refused before it is sent anywhere
* a token is a secret: it appears in no message and no representation

The token is read here, not verified: that is the certificate authority's work.
"""

from __future__ import annotations

from typing import Final

from sigstore.errors import Error as SigstoreError
from sigstore.oidc import IdentityError, IdentityToken, Issuer, IssuerError, detect_credential

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.value import Value, field
from verifier.publish.sigstore_instance import SigningInstance

AUDIENCE: Final = "sigstore"
MAX_TOKEN_BYTES: Final = 64 * 1024
"""Characters of a token; GitHub's take two thousand."""


class SigningIdentity(Value):
    """A token, with what it claims: `issuer`, and the `subject` by which the issuer knows its holder."""

    issuer: str
    subject: str
    token: str = field(repr=False)


def find_identity(instance: SigningInstance, *, token: str | None = None, interactive: bool) -> SigningIdentity:
    """The identity to sign with: `token`'s, the environment's, or whoever signs in; raises `ConfigurationError`."""
    if token is not None:
        return read_identity(token)
    ambient = ambient_identity()
    if ambient is not None:
        return ambient
    if interactive:
        return browser_identity(instance)
    raise ConfigurationError(
        "there is no identity to sign with",
        hint="Give an identity token, run in a CI system that has one, or sign at a terminal with a browser.",
    )


def read_identity(token: str) -> SigningIdentity:
    """The identity that `token` claims; raises `ConfigurationError`."""
    text = token.strip()
    if len(text) > MAX_TOKEN_BYTES:
        raise ConfigurationError(f"takes more than {MAX_TOKEN_BYTES} characters", where="identity token")
    try:
        parsed = IdentityToken(text, AUDIENCE)
    except IdentityError as error:
        # The cause says which claim is wrong, and holds nothing of the token.
        raise ConfigurationError(f"{error}: {error.__cause__ or 'see its claims'}", where="identity token") from None
    return SigningIdentity(issuer=parsed.federated_issuer, subject=parsed.identity, token=text)


def ambient_identity() -> SigningIdentity | None:
    """The identity that the CI system or cloud vouches for (GitHub, GitLab, Buildkite, Google), None elsewhere."""
    try:
        found = detect_credential(AUDIENCE)
    except IdentityError as error:
        raise ConfigurationError(
            f"the environment offers an identity that cannot be had: {error}",
            where="identity token",
            hint="On GitHub the job needs `permissions: id-token: write`.",
        ) from error
    return read_identity(found) if found is not None else None


def browser_identity(instance: SigningInstance) -> SigningIdentity:
    """The identity of whoever signs in to the instance's issuer with a browser; talks to the person and waits."""
    try:
        issuer = Issuer(instance.signing_config.get_oidc_url())
        return read_identity(str(issuer.identity_token(AUDIENCE)))
    except (SigstoreError, IssuerError) as error:
        raise refuse("input.unreachable", instance.name, f"nobody signed in: {type(error).__name__} {error}") from error
