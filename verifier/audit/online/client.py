"""Asking a service in JSON, by several connections at once, with one end for all of it.

* everything is asked of the server that was named, by `net.http`: its rules for TLS, redirects, proxies and sizes hold
* what fails for the moment (429, 500, 502, 503, 504, a connection that breaks) is asked for again, as often as
  `Access.attempts` says and as `Retry-After` says, and never beyond the time that all of it may take
* once several requests in a row have failed for good, nothing more is asked: whoever is down is not asked a thousand
  times
* whatever goes wrong is `Refused`, never an empty answer
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from verifier.core.costs.progress import Counted, silent
from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.formats.json.strict_json import JsonValue
from verifier.net.access import Access
from verifier.net.address import parse_web_address
from verifier.net.answers import Answer, Unavailable
from verifier.net.http import Body, Request, Session
from verifier.net.retries import Pause, tried

T = TypeVar("T")
U = TypeVar("U")

WHOLE_S: Final = 300.0
"""Seconds that everything that is asked of a service may take, where nobody says otherwise."""
AT_ONCE: Final = 8
"""Connections to one service."""
MAX_FAILURES: Final = 5
"""Requests that fail for good before nothing more is asked."""


class JsonClient:
    """One service at `url`, until `close`; `Refused` and `ConfigurationError` where it cannot be asked at all."""

    def __init__(self, url: str, access: Access, *, whole_s: float = WHOLE_S, pause: Pause | None = None) -> None:
        self._access, self._pause = access, pause
        try:
            address = parse_web_address(url)
        except ValueError as error:
            raise refuse("input.unreachable", "the URL of the service", f"cannot be asked: {error}") from None
        self.base, self.shown = url.rstrip("/"), address.shown.rstrip("/")
        self._deadline, self._whole_s = time.monotonic() + whole_s, whole_s
        self._first = Session(address.origin, access)
        self._origin = address.origin
        self._all, self._idle = [self._first], [self._first]
        self._failures = 0
        self._lock = threading.Lock()

    def get(
        self, path: str, *, max_bytes: int, accept: str = "application/json", statuses: frozenset[int] | None = None
    ) -> Answer:
        """The answer to a GET below the service's URL."""
        return self._ask(path, max_bytes, {"Accept": accept}, statuses=statuses or frozenset({200}))

    def post(self, path: str, value: JsonValue, *, max_bytes: int) -> Answer:
        """The answer to a POST of `value`."""
        from verifier.formats.json.write import compact  # noqa: PLC0415 - only for what is sent

        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        body = Body.of(compact(value).encode())
        return self._ask(path, max_bytes, headers, body=body, statuses=frozenset({200}))

    def each(self, ask: Callable[[T], U], of: Iterable[T]) -> Iterator[tuple[T, U | Refused]]:
        """What `ask` answers for each of `of`, or how it was refused; several are asked at once, the order is kept."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only where something is asked

        wanted, done = list(of), False
        told = silent if self._access.network is None else self._access.network.told
        count = Counted(told, f"asking {self.shown}", len(wanted), "requests")

        def answered(one: T) -> U | Refused:
            try:
                return ask(one)
            except Refused as refusal:
                return refusal.kept()
            finally:
                count.add()

        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            yield from zip(wanted, pool.map(answered, wanted), strict=True)
            done = True
        finally:
            if not done:  # whoever interrupts this waits for nobody
                self.close()
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """End what is under way, and ask nothing more."""
        with self._lock:
            sessions = tuple(self._all)
        for session in sessions:
            session.close()

    def _ask(
        self, path: str, max_bytes: int, headers: dict[str, str], *, statuses: frozenset[int], body: Body | None = None
    ) -> Answer:
        url = f"{self.base}/{path}"
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise refuse("input.unreachable", self.shown, f"not asked: the {self._whole_s:g} s for all of it are over")
        if self._failures >= MAX_FAILURES:
            raise refuse("input.unreachable", self.shown, f"not asked: {self._failures} requests have failed already")
        with self._borrowed() as session:

            def attempt(attempt_s: float) -> Answer:
                request = Request(
                    url=url,
                    method="GET" if body is None else "POST",
                    headers=headers,
                    authorization=self._access.bearer or self._access.basic,
                    statuses=statuses | {500},
                    whole_s=attempt_s,
                    body=body,
                )
                answer = session.ask(request, max_bytes=max_bytes)
                if answer.status == 500:  # which is no more for good than 502 is, where only reading is asked for
                    raise _failed(self.shown, answer)
                return answer

            try:
                pause = self._pause or session.pause
                return tried(attempt, attempts=self._access.attempts, whole_s=left_s, pause=pause)
            except Refused:
                with self._lock:
                    self._failures += 1
                raise

    @contextmanager
    def _borrowed(self) -> Iterator[Session]:
        """A session that is nobody else's meanwhile."""
        with self._lock:
            session = self._idle.pop() if self._idle else None
            if session is None:
                session = Session(self._origin, self._access, beside=self._first)
                self._all.append(session)
        try:
            yield session
        finally:
            with self._lock:
                self._idle.append(session)


def _failed(subject: str, answer: Answer) -> Unavailable:
    reason = Reason(code="input.unreachable", subject=subject, message="the server answered with status 500")
    stated = answer.fields.get("retry-after", "")
    return Unavailable(reason, float(stated[:9]) if stated.isascii() and stated.isdigit() else None)


def unavailable(name: str, refusal: Refused) -> Reason:
    """The failure of a service, as a report says it."""
    first = refusal.reasons[0]
    said = first.message if first.code == "input.unreachable" else f"{first.message} ({first.code})"
    return Reason(code="vulnerability.source-unavailable", subject=name, message=said, hint=first.hint)
