"""What a registry is sent so that it lets us in, and who gets which secret.

* a user name and password, or an identity token, go to one scheme, host and port: the token host that was named, else
  the registry; who asks for them elsewhere does not get them
* a token is asked for one repository and for what is to be done there, whatever the registry asks for
  (`net.token_service`), and is sent to that registry alone
* credentials are looked up when a registry asks for some, not before; where that fails nothing is asked without them

Source: the token flow of https://distribution.github.io/distribution/spec/auth/{token,oauth}/.
"""

from __future__ import annotations

from http.client import HTTPMessage
from typing import Final
from urllib.parse import urlencode

from verifier.core.errors import Refused, refuse
from verifier.core.value import replace
from verifier.formats.oci.challenge import Challenge, parse_challenges
from verifier.net.access import Access
from verifier.net.address import Origin
from verifier.net.answers import Answer
from verifier.net.http import Body, Request, Session
from verifier.net.token_service import (
    MAX_TOKEN_ANSWER,
    TOKEN_ANSWERS,
    TokenRequest,
    chosen,
    password_origin,
    read_token,
    token_request,
)

_CLIENT: Final = "policy-verifier"


class Authorization:
    """How one repository lets us do `actions` ("pull", "pull,push"). One thread asks at a time."""

    def __init__(self, *, registry: str, name: str, origin: Origin, access: Access, actions: str) -> None:
        self._registry, self._name, self._origin, self._actions = registry, name, origin, actions
        self._access = access

    def answer(self, fields: HTTPMessage, session: Session, subject: str) -> str:
        """What to send with a request that was answered with status 401 and these `fields`; `Refused` for nothing."""
        access = self._known()
        if access.bearer is not None:
            if access is self._access:
                raise refuse("input.unreachable", subject, "the registry does not accept the token that was configured")
            return access.bearer
        try:
            challenges = parse_challenges(", ".join(fields.get_all("www-authenticate", [])))
        except ValueError as error:
            raise refuse("input.unreachable", subject, f"the registry asks for credentials with {error}") from None
        offered = chosen(challenges, subject)
        if "bearer" in offered:
            return f"Bearer {self._token(access, offered['bearer'], session, subject)}"
        if "basic" in offered and access.basic is not None:
            # Who asks for it instead of a token is not thereby the one that it is for.
            if password_origin(access, self._origin) == self._origin:
                return access.basic
            message = f"the registry asks for the password itself, which is for {access.token_host} alone"
            raise refuse("input.token-request-refused", subject, message)
        schemes = ", ".join(sorted(offered)) or "nothing"
        hint = f"Log in: `docker login {subject.partition('/')[0]}`, or `crane auth login`."
        message = f"the registry asks for credentials we do not have ({schemes[:100]})"
        raise refuse("input.unreachable", subject, message, hint)

    def _known(self) -> Access:
        """The access with what is stored for this registry, where nothing was given."""
        access, stored = self._access, self._access.stored
        if stored is None or access.has_secret or access.bearer is not None:
            return access
        login = stored.login(self._registry, self._name)
        if login is None:
            return access
        return replace(
            access,
            username=login.username,
            password=login.password,
            identity_token=login.identity_token,
            bearer_token=login.registry_token,
        )

    def _token(self, access: Access, challenge: Challenge, session: Session, subject: str) -> str:
        try:
            asked = token_request(
                challenge,
                registry=self._registry,
                name=self._name,
                own=self._origin,
                access=access,
                actions=self._actions,
            )
        except ValueError as error:
            message = f"the registry's token service has no address: {error}"
            raise refuse("input.unreachable", subject, message) from None
        own = session
        if asked.with_password and asked.origin != self._origin:
            # Named by whoever gave the credentials, and so a peer of its own; the client certificate is not for it.
            session = Session(asked.origin, replace(access, client_certificate=None, client_key=None))
        try:
            answer = _asked_for_token(session, asked, access)
        except Refused as refusal:
            raise _no_token(refusal, asked, access) from None
        finally:
            if session is not own:
                session.close()
        return read_token(answer, subject=asked.origin.host)


def _asked_for_token(session: Session, asked: TokenRequest, access: Access) -> Answer:
    if not (asked.with_password and access.identity_token):
        basic = access.basic if asked.with_password else None
        request = Request(url=asked.url, authorization=basic, statuses=TOKEN_ANSWERS)
        return session.ask(request, max_bytes=MAX_TOKEN_ANSWER)
    form = {"grant_type": "refresh_token", "client_id": _CLIENT, "refresh_token": access.identity_token}
    body = urlencode([*form.items(), *asked.query]).encode("ascii")
    request = Request(
        url=asked.url.partition("?")[0],
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=Body.of(body),
        statuses=TOKEN_ANSWERS,
    )
    return session.ask(request, max_bytes=MAX_TOKEN_ANSWER)


def _no_token(refusal: Refused, asked: TokenRequest, access: Access) -> Refused:
    if asked.with_password or not access.has_secret:
        return refusal
    whose = "its token host" if access.token_host else "the registry"
    host = asked.origin.host
    withheld = f"; the credentials were not sent to {host} at port {asked.origin.port}, which is not {whose}"
    first = refusal.reasons[0]
    return refuse(first.code, first.subject, first.message + withheld)
