"""Pulling from an OCI registry: manifests and blobs, each checked against its digest before anyone reads it.

* a manifest is what the reference's digest stands for, and what the registry says it is (`Docker-Content-Digest`)
* a blob has the size and the digest of its descriptor, and is never read beyond that size
* a user name and password go to one scheme, host and port: the token host that was named, else the registry; never to
  where a blob is redirected to
* a token is asked for pulling from one repository, whatever the registry asks for (`token_service`), and is sent to
  that registry alone

Source: OCI distribution specification 1.1; the token flow of https://distribution.github.io/distribution/spec/auth/token/.
"""

from __future__ import annotations

import hashlib
from typing import Final

from verifier.core.digest import Digest
from verifier.core.errors import Absent, Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value, field, replace
from verifier.formats.json import strict_json
from verifier.formats.oci.challenge import Challenge, parse_challenges
from verifier.formats.oci.manifest import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    MAX_MANIFEST_BYTES,
    OCI_INDEX,
    OCI_MANIFEST,
    Descriptor,
    ImageReference,
    parse_digest,
)
from verifier.net.access import Access
from verifier.net.address import parse_web_address
from verifier.net.http import Answer, Session
from verifier.net.token_service import (
    MAX_TOKEN_ANSWER,
    TOKEN_ANSWERS,
    TokenRequest,
    chosen,
    password_origin,
    read_token,
    token_request,
)

_ACCEPTED: Final = ", ".join((OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST))
_API_HOSTS: Final = {"docker.io": "registry-1.docker.io"}
"""Registries whose references name another host than the one that answers."""
_ANSWERS: Final = frozenset({200, 304, 401})
_NOT_THERE: Final = "the registry answered with status 404"


class Pulled(Value):
    """A manifest or index as it was sent, and the digest that it was checked against."""

    content: bytes = field(repr=False)
    content_type: str
    digest: Digest


class Repository:
    """One repository of one registry. Used by one thread at a time; `close` may be called by another."""

    def __init__(self, reference: ImageReference, access: Access) -> None:
        host = _API_HOSTS.get(reference.registry, reference.registry)
        scheme = "http" if _is_plain(host, access) else "https"
        self._base = f"{scheme}://{host}"
        self._origin = parse_web_address(self._base).origin
        self._registry, self._name, self._access = reference.registry, reference.repository, access
        self._session = Session(self._origin, access)
        self._authorization = access.bearer
        self._led_on = False

    def manifest(self, reference: str | Digest, *, known: Digest | None = None) -> Pulled | None:
        """The manifest or index under a tag or a digest; None where it is still the one with the digest `known`."""
        headers = {"Accept": _ACCEPTED} | ({"If-None-Match": f'"{known}"'} if known else {})
        path, subject = f"manifests/{reference}", self._subject(reference)
        answer = self._get(path, subject, max_bytes=MAX_MANIFEST_BYTES, headers=headers, statuses=_ANSWERS | {404})
        if answer.status == 404:
            raise self._missing(answer, subject)
        self._led_on = True
        if answer.status == 304:
            if known is None:
                raise refuse("input.unreachable", subject, "not modified, said the registry, without having been asked")
            return None
        wanted = [reference] if isinstance(reference, Digest) else []
        if stated := answer.fields.get("docker-content-digest"):
            wanted.append(_stated(stated, subject))
        for digest in wanted:
            _require(answer.body, digest, subject)
        digest = wanted[0] if wanted else Digest.of(answer.body)
        if digest == known:
            return None
        return Pulled(content=answer.body, content_type=answer.fields.get("content-type", ""), digest=digest)

    def blob(self, descriptor: Descriptor, *, max_bytes: int) -> bytes:
        """The bytes that `descriptor` stands for; `Refused` where they are others, or more than `max_bytes`."""
        subject = self._subject(descriptor.digest)
        if descriptor.size > max_bytes:
            raise refuse("input.too-large", subject, f"{descriptor.size} bytes; at most {max_bytes} are allowed")
        content = self._get(f"blobs/{descriptor.digest}", subject, max_bytes=descriptor.size).body
        if len(content) != descriptor.size:
            message = f"{len(content)} bytes, expected the {descriptor.size} of its descriptor"
            raise refuse("image.digest-mismatch", subject, message)
        _require(content, descriptor.digest, subject)
        return content

    def close(self) -> None:
        """Close the connection, and end what is under way."""
        self._session.close()

    def _missing(self, answer: Answer, subject: str) -> Refused:
        """Why there is no manifest; `Absent` where a registry says that there is none, and not only some server.

        What another manifest has led to was there.
        """
        if self._led_on or not answer.from_named or not _is_unknown(answer.body):
            return refuse("input.unreachable", subject, _NOT_THERE)
        return Absent(Reason(code="input.unreachable", subject=subject, message=f"{_NOT_THERE}: it knows no such tag"))

    def _get(
        self,
        path: str,
        subject: str,
        *,
        max_bytes: int,
        headers: dict[str, str] | None = None,
        statuses: frozenset[int] = _ANSWERS,
    ) -> Answer:
        url = f"{self._base}/v2/{self._name}/{path}"
        for is_last in (False, True):
            answer = self._session.get(
                url, max_bytes=max_bytes, headers=headers, authorization=self._authorization, statuses=statuses
            )
            if answer.status != 401:
                return answer
            if is_last or not answer.from_named:
                break
            self._authorization = self._authorize(answer, subject)
        raise refuse("input.unreachable", subject, "the registry does not let us in with what we have")

    def _authorize(self, answer: Answer, subject: str) -> str:
        """What to send with the same request again."""
        if self._access.bearer is not None:
            raise refuse("input.unreachable", subject, "the registry does not accept the token that was configured")
        try:
            challenges = parse_challenges(", ".join(answer.fields.get_all("www-authenticate", [])))
        except ValueError as error:
            raise refuse("input.unreachable", subject, f"the registry asks for credentials with {error}") from None
        offered = chosen(challenges, subject)
        if "bearer" in offered:
            return f"Bearer {self._token(offered['bearer'], subject)}"
        if "basic" in offered and self._access.basic is not None:
            # Who asks for it instead of a token is not thereby the one that it is for.
            if password_origin(self._access, self._origin) == self._origin:
                return self._access.basic
            message = f"the registry asks for the password itself, which is for {self._access.token_host} alone"
            raise refuse("input.token-request-refused", subject, message)
        schemes = ", ".join(sorted(offered)) or "nothing"
        raise refuse(
            "input.unreachable", subject, f"the registry asks for credentials we do not have ({schemes[:100]})"
        )

    def _token(self, challenge: Challenge, subject: str) -> str:
        access = self._access
        try:
            asked = token_request(challenge, registry=self._registry, name=self._name, own=self._origin, access=access)
        except ValueError as error:
            message = f"the registry's token service has no address: {error}"
            raise refuse("input.unreachable", subject, message) from None
        authorization = access.basic if asked.with_password else None
        session = self._session
        if asked.with_password and asked.origin != self._origin:
            # Named by whoever gave the credentials, and so a peer of its own; the client certificate is not for it.
            session = Session(asked.origin, replace(access, client_certificate=None, client_key=None))
        try:
            answer = session.get(
                asked.url, max_bytes=MAX_TOKEN_ANSWER, authorization=authorization, statuses=TOKEN_ANSWERS
            )
        except Refused as refusal:
            raise self._no_token(refusal, asked) from refusal
        finally:
            if session is not self._session:
                session.close()
        return read_token(answer, subject=asked.origin.host)

    def _no_token(self, refusal: Refused, asked: TokenRequest) -> Refused:
        if asked.with_password or self._access.basic is None:
            return refusal
        whose = "its token host" if self._access.token_host else "the registry"
        host = asked.origin.host
        withheld = f"; the credentials were not sent to {host} at port {asked.origin.port}, which is not {whose}"
        first = refusal.reasons[0]
        return refuse(first.code, first.subject, first.message + withheld)

    def _subject(self, reference: str | Digest) -> str:
        mark = "@" if isinstance(reference, Digest) else ":"
        return f"{self._base.partition('://')[2]}/{self._name}{mark}{reference}"


def _is_unknown(body: bytes) -> bool:
    """Whether these are a registry's words for what it does not have (distribution specification, error codes)."""
    try:
        said = strict_json.loads(body, subject="the registry's answer")
    except Refused:
        return False
    errors = said.get("errors") if isinstance(said, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return isinstance(first, dict) and first.get("code") in {"MANIFEST_UNKNOWN", "NAME_UNKNOWN"}


def _is_plain(host: str, access: Access) -> bool:
    """Whether to ask without TLS: on loopback, unless authorities are named for it, or where somebody says so."""
    on_loopback = parse_web_address(f"http://{host}").origin.names_loopback
    return access.plain_http or (on_loopback and access.ca_file is None)


def _stated(text: str, subject: str) -> Digest:
    try:
        return parse_digest(text)
    except ValueError as error:
        raise refuse("image.digest-mismatch", subject, f"the registry states a digest that is none: {error}") from None


def _require(content: bytes, digest: Digest, subject: str) -> None:
    seen = hashlib.new(digest.algorithm, content).hexdigest()
    if seen != digest.value:
        message = f"its {digest.algorithm} is {seen}, expected {digest.value}"
        raise refuse("image.digest-mismatch", subject, message)
