"""What a token service is asked for, and by whom that is decided: by us, whatever the registry says.

* the scope is always the one repository, and what is to be done there; no text of the registry's adds to it or
  changes it
* a user name and password, or an identity token, go to one scheme, host and port: the token host that was named, else
  the registry itself.
  Where they go there is nothing in the request that the registry chose, but for a path that says nothing else
* a token service apart from the registry is asked for a service that we know: the registry's own name, or the one that
  was named (`token_service`); else a registry could have, with our password, a token that another one takes
* who has no password to lose may keep a query of its own in its realm, as long as it says nothing of authority
* a challenge that can be read in two ways is refused, and a token service that leads elsewhere is not followed
* a token is one bounded string that can be sent

containerd and oras keep what a realm's query says beside their own scope; go-containerregistry replaces it, and asks
for whatever further scope the challenge names. Source: https://distribution.github.io/distribution/spec/auth/token/,
RFC 6749 section 3.3, RFC 9110 section 11.6.1. The threat is T-404.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from verifier.core.errors import Refused, refuse
from verifier.core.value import Value, field
from verifier.formats.json import strict_json
from verifier.formats.json.fields import Fields
from verifier.formats.oci.challenge import Challenge
from verifier.net.access import Access
from verifier.net.address import Origin, parse_web_address
from verifier.net.answers import Answer
from verifier.net.http import REDIRECTS

MAX_TOKEN_ANSWER: Final = 64 * 1024
TOKEN_ANSWERS: Final = frozenset({200}) | REDIRECTS
_MAX_REALM: Final = 2_048
"""Characters of a realm; those in use have a few dozen."""
_MAX_EXTRA: Final = 8
_CODE: Final = "input.token-request-refused"
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-._~+/]{1,16384}=*\Z")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~-]*)*\Z")
"""No sign in it stands for another, and none ends it."""
_SERVICE: Final = re.compile(r"[\x20-\x7e]{1,255}\Z")
_EXTRA: Final = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_OURS: Final = frozenset(
    {"scope", "scopes", "service", "services", "account", "accountid", "client", "clientid", "clientsecret"}
    | {"offlinetoken", "accesstype", "granttype", "responsetype", "redirecturi", "state", "code", "assertion"}
    | {"token", "accesstoken", "refreshtoken", "idtoken", "user", "username", "password", "authorization"}
    | {"audience", "aud", "resource", "resources", "action", "actions", "access", "permission", "permissions"}
    | {"repository", "repositories", "repo", "push", "pull", "delete"}
)
"""Names of a query that ask for authority, or for whom, without the signs that some write in them."""
_KNOWN_SERVICES: Final = {"docker.io": "registry.docker.io"}


class TokenRequest(Value):
    """What to send to which token service: `query` is what `url` says, but for what the realm says itself.

    `with_password` is whether the user name and password, or the identity token, go along.
    """

    origin: Origin
    url: str = field(repr=False)
    query: tuple[tuple[str, str], ...]
    with_password: bool


def chosen(challenges: Sequence[Challenge], subject: str) -> dict[str, Challenge]:
    """The challenges by their schemes; `Refused` where there are two of one, of which one cannot say which is meant."""
    offered = {challenge.scheme: challenge for challenge in challenges}
    if len(offered) != len(challenges):
        raise _refused(subject, "two challenges of one scheme, expected one")
    return offered


def token_request(
    challenge: Challenge, *, registry: str, name: str, own: Origin, access: Access, actions: str = "pull"
) -> TokenRequest:
    """How to ask for a token that lets us do `actions` in repository `name` of `registry`, whose API is at `own`.

    Raises `Refused` (`input.token-request-refused`), and `ValueError` for a realm that is no URL to be asked at all.
    """
    realm = challenge.parameters.get("realm", "")
    origin = parse_web_address(realm).origin
    with_password = access.has_secret and origin == password_origin(access, own)
    if len(realm) > _MAX_REALM or not realm.isascii() or "#" in realm:
        raise _refused(origin.host, f"a realm with a fragment or more than {_MAX_REALM} ASCII characters")
    parts = urlsplit(realm)
    if not _PATH.match(parts.path) or {".", ".."} & set(parts.path.split("/")):
        raise _refused(origin.host, "a realm whose path is not made of letters, digits and -._~")
    if parts.query and with_password:
        raise _refused(origin.host, "a realm with a query of its own, where our password would go along")
    extra = _extra(parts.query, origin.host)
    service = _service(
        challenge.parameters.get("service"), registry, own, access, apart=origin != own and with_password
    )
    asked = (*((("service", service),) if service else ()), ("scope", f"repository:{name}:{actions}"))
    url = f"{parts.scheme}://{parts.netloc}{parts.path}?{urlencode([*extra, *asked])}"
    return TokenRequest(origin=origin, url=url, query=asked, with_password=with_password)


def password_origin(access: Access, own: Origin) -> Origin:
    """The one scheme, host and port that the user name and password are for."""
    return access.token_origin or own


def read_token(answer: Answer, *, subject: str) -> str:
    """The token in the answer of a token service; `Refused` where it holds none, or two, or one that cannot be sent."""
    if answer.status != 200:
        # Not followed: it could say what we do not let the registry say.
        raise _refused(subject, f"a token service that leads elsewhere (status {answer.status})")
    code = "input.unreachable"
    document = Fields.of(strict_json.loads(answer.body, subject=subject, max_depth=16), code=code, subject=subject)
    document.known("token", "access_token")
    token = document.go_text("token") or document.text("access_token")
    if not _TOKEN.match(token):
        raise refuse(code, subject, "the token service's token is not one that can be sent")
    if document.go_text("access_token") not in (None, token):
        raise refuse(code, subject, "the token service's answer holds two tokens, expected one")
    return token


def _extra(query: str, subject: str) -> list[tuple[str, str]]:
    """What a realm's own query says, where none of it is ours to say."""
    if not query:
        return []
    try:
        if ";" in query:
            raise ValueError("some take it for a second separator")
        pairs = parse_qsl(
            query, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MAX_EXTRA
        )
    except ValueError:
        raise _refused(subject, "a realm with a query that cannot be read in one way") from None
    names = [name for name, _ in pairs]
    if len({name.lower() for name in names}) != len(names) or not all(map(_EXTRA.match, names)):
        raise _refused(subject, "a realm with a query whose names are not plain, or stand twice")
    if any(re.sub("[._-]", "", name).lower() in _OURS for name in names):
        raise _refused(subject, "a realm that says itself what is to be asked for")
    return pairs


def _service(stated: str | None, registry: str, own: Origin, access: Access, *, apart: bool) -> str | None:
    """The service to name: ours where we have one, the registry's word where it cannot gain by it."""
    if stated is not None and not _SERVICE.match(stated):
        raise _refused(own.host, "a service of more than 255 characters, or of some that are not ASCII")
    ours = access.token_service
    if ours is not None:
        if stated not in (None, ours):
            raise _refused(own.host, f"a token for the service {stated!r}, expected {ours!r}")
        return ours
    known = {registry, registry.rpartition(":")[0], own.host, _KNOWN_SERVICES.get(registry)}
    if apart and stated is not None and stated not in known:
        message = (
            f"a token for the service {stated!r}, which is not its own name; state it as token_service if it is meant"
        )
        raise _refused(own.host, message)
    return stated


def _refused(subject: str, what: str) -> Refused:
    return refuse(_CODE, subject, f"the registry asks for a token by {what}")
