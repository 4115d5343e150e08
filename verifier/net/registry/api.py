"""One repository of a registry's API: whom to ask, with what, and how often.

* a request is sent once, and once more where it takes credentials; none is sent to find out what the registry is
* what fails for the moment is asked for again, within the time that the whole may take (`net.retries`)
* several threads may ask, each by a session of its own; what one is let in by lets in the others

Source: OCI distribution specification 1.1.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPMessage
from typing import Final, TypeVar

from verifier.core.errors import Refused, refuse
from verifier.core.value import replace
from verifier.formats.json import strict_json
from verifier.formats.oci.manifest import ImageReference
from verifier.formats.oci.repository import HUB
from verifier.net.access import Access
from verifier.net.address import Origin, parse_web_address
from verifier.net.answers import Answer
from verifier.net.http import CONTENT_PATIENCE, MAX_WORDS, Heard, Request, Session
from verifier.net.registry.authorization import Authorization
from verifier.net.retries import Pause, tried

T = TypeVar("T")

API_HOSTS: Final = {HUB: "registry-1.docker.io"}
"""Registries whose references name another host than the one that answers."""
NOT_THERE: Final = frozenset({"MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"})
"""What registries call what they do not have: the specification's codes, and Harbor's own."""


class Api:
    """One repository, with a session for whoever comes without one. `pause` is how to wait between two attempts."""

    def __init__(
        self, reference: ImageReference, access: Access, *, actions: str = "pull", pause: Pause | None = None
    ) -> None:
        host = API_HOSTS.get(reference.registry, reference.registry)
        self.name = repository_name(reference)
        self.base = f"{'http' if _is_plain(host, access) else 'https'}://{host}"
        self.shown = f"{host}/{self.name}"
        self.origin: Origin = parse_web_address(self.base).origin
        self.timeout_s = access.timeout_s
        self._access, self._pause = access, pause
        self._session = Session(self.origin, access)
        self._others: list[Session] = []
        self._idle: list[Session] = []
        self._lock, self._authorizing = threading.Lock(), threading.Lock()
        self._authorization = Authorization(
            registry=reference.registry, name=self.name, origin=self.origin, access=access, actions=actions
        )
        self._sent = access.bearer

    def url(self, path: str) -> str:
        """The address of something of this repository."""
        return f"{self.base}/v2/{self.name}/{path}"

    def ask(self, request: Request, subject: str, *, max_bytes: int = MAX_WORDS, once: bool = False) -> Answer:
        """The answer to `request`, after as many attempts as it takes, or at `once`; `Refused` where there is none."""

        def attempt(left_s: float) -> Answer:
            with self._let_in(self._session, replace(request, whole_s=left_s), subject) as heard:
                return heard.answer(max_bytes=max_bytes)

        return self.tried(attempt, whole_s=request.whole_s, attempts=1 if once else None)

    def tried(
        self,
        attempt: Callable[[float], T],
        *,
        whole_s: float | None = None,
        attempts: int | None = None,
        session: Session | None = None,
    ) -> T:
        """What `attempt` answers, which is told how many seconds are left; as often as `net.retries` says."""
        access, pause = self._access, self._pause or (session or self._session).pause
        whole_s = whole_s or CONTENT_PATIENCE * access.timeout_s
        return tried(attempt, attempts=attempts or access.attempts, whole_s=whole_s, pause=pause)

    @contextmanager
    def heard(self, request: Request, subject: str) -> Iterator[Heard]:
        """The answer to `request` by a connection that is nobody else's meanwhile, to be read within the block."""
        session = self._borrowed()
        try:
            with ExitStack() as stack:

                def attempt(left_s: float) -> Heard:
                    return stack.enter_context(self._let_in(session, replace(request, whole_s=left_s), subject))

                yield self.tried(attempt, whole_s=request.whole_s, session=session)
        finally:
            with self._lock:
                self._idle.append(session)

    def pause(self, seconds: float) -> None:
        """Wait, and no longer than until all is closed."""
        (self._pause or self._session.pause)(seconds)

    def close(self) -> None:
        """Close all connections, and end what is under way."""
        with self._lock:
            sessions = (self._session, *self._others)
        for session in sessions:
            session.close()

    @contextmanager
    def _let_in(self, session: Session, request: Request, subject: str) -> Iterator[Heard]:
        """The answer to `request`, sent with credentials where the registry wants some and we have them."""
        sent = self._sent
        with session.heard(_with(request, sent)) as heard:
            if heard.response.status != 401:
                yield heard
                return
            fields = heard.response.headers
            if not heard.trusted:
                raise _kept_out(subject)
        with session.heard(_with(request, self._authorized(sent, fields, session, subject))) as heard:
            if heard.response.status == 401:
                raise _kept_out(subject)
            yield heard

    def _authorized(self, sent: str | None, fields: HTTPMessage, session: Session, subject: str) -> str:
        with self._authorizing:
            if self._sent is None or self._sent == sent:
                self._sent = self._authorization.answer(fields, session, subject)
            return self._sent

    def _borrowed(self) -> Session:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            session = Session(self.origin, self._access, beside=self._session)
            self._others.append(session)
            return session


def repository_name(reference: ImageReference) -> str:
    """The repository as its registry has it: Docker's own keeps what is named without a slash below `library/`."""
    name = reference.repository
    return f"library/{name}" if reference.registry == HUB and "/" not in name else name


def knows_nothing(answer: Answer) -> bool:
    """Whether the registry itself says that it has no such thing, and not only some server on the way."""
    if answer.status != 404 or not answer.from_named:
        return False
    try:
        said = strict_json.loads(answer.body, subject="the registry's answer")
    except Refused:
        return False
    errors = said.get("errors") if isinstance(said, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return isinstance(first, dict) and first.get("code") in NOT_THERE


def _with(request: Request, authorization: str | None) -> Request:
    return replace(request, authorization=authorization, statuses=request.statuses | {401})


def _kept_out(subject: str) -> Refused:
    hint = f"Log in with who may read it: `docker login {subject.partition('/')[0]}`, or `crane auth login`."
    return refuse("input.unreachable", subject, "the registry does not let us in with what we have", hint)


def _is_plain(host: str, access: Access) -> bool:
    """Whether to ask without TLS: on loopback, unless authorities are named for it, or where somebody says so."""
    on_loopback = parse_web_address(f"http://{host}").origin.names_loopback
    return access.plain_http or (on_loopback and access.ca_file is None)
