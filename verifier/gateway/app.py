"""The gateway as an ASGI application: bundles are answered here, images by `images`, everything else by `pages`.

* a bundle is served where it stands by a judgement that began after the request came; else the answer is 503 and why
* "not modified" is said of nothing that is refused now
* a long poll is held until there is something new, the client's wait is over, or the client has gone
* a new configuration takes over between two requests; who waits is answered by it

The only copies of these bytes are those that were verified (T-204, T-212); what is read from a request is bounded by
`protocol`. Source: formats/opa-bundle.md section 6; RFC 7240, RFC 9110.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from prometheus_client import Counter

from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.gateway.asgi import CLIENT_GONE, Receive, Scope, Send
from verifier.gateway.bundles.bundle import ServedBundle
from verifier.gateway.events import Event
from verifier.gateway.front.heads import CONDITIONS, fields_of
from verifier.gateway.images.endpoint import Endpoint
from verifier.gateway.pages.answers import RETRY_S, Message, Served, Standing, Withheld, refusal
from verifier.gateway.pages.conditions import is_unchanged, seconds_to_wait
from verifier.gateway.pages.correlation import correlation_id
from verifier.gateway.pages.reload import RefusedReload
from verifier.gateway.pages.routes import Pages
from verifier.gateway.serving import Serving, Surroundings
from verifier.gateway.settings.settings import VALIDATE

_CHALLENGE = (b"www-authenticate", b"Bearer")
_RETRY = (b"retry-after", str(RETRY_S).encode())
_CLOSE = (b"connection", b"close")
_END: Message = {"type": "http.response.body", "body": b""}


class Gateway:
    """Serves what its `serving` has; made with one, started in the event loop."""

    def __init__(self, serving: Serving, around: Surroundings) -> None:
        self.serving = serving
        self.around = around
        self.started_at = around.clock()
        self.draining = False
        self.refused_reload: RefusedReload | None = None
        self._pages = Pages(around, lambda: self.serving, lambda: self.refused_reload, started_at=self.started_at)
        self._images = Endpoint(lambda: self.serving, around.metrics)
        self._leaving: set[asyncio.Task[None]] = set()
        self._counters: dict[tuple[str, int], Counter] = {}
        around.metrics.show(self._pages.gauges)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            raise RuntimeError(f"nothing but HTTP is served, not {scope['type']}")
        if scope["path"] in self.serving.by_path:
            await self._deliver(scope, receive, send)
        elif scope["path"] == VALIDATE:
            await self._images(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def start(self) -> None:
        """Begin to ask the upstreams."""
        self.serving.start()

    async def take_over(self, serving: Serving) -> None:
        """Let `serving` answer from now on, after it has judged what the one before had accepted."""
        try:
            await serving.adopt(self.serving)
        except BaseException:  # also where this is cancelled: nobody else knows of what was opened
            await serving.close()
            raise
        before, self.serving = self.serving, serving
        serving.start()
        # What the one before is still at, such as a fetch, is not waited for.
        leaving = asyncio.get_running_loop().create_task(before.close())
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def drain(self) -> None:
        """Answer who waits, and hold nobody from now on."""
        self.draining = True
        self.serving.release()

    async def close(self, seconds: float) -> None:
        """Stop; what takes longer than `seconds` is left to end with the process."""
        closing = asyncio.get_running_loop().create_task(self.serving.close())
        await asyncio.wait({closing, *self._leaving}, timeout=seconds)

    async def _deliver(self, scope: Scope, receive: Receive, send: Send) -> None:
        fields = fields_of(scope["headers"])
        now = asyncio.get_running_loop().time
        until = now() + seconds_to_wait(fields[b"prefer"], longest=self.serving.longest_wait)
        while True:
            serving = self.serving
            bundle = serving.by_path.get(scope["path"])
            if bundle is None:  # a new configuration has done away with it
                await self._pages(scope, receive, send)
                return
            objection = _objection(serving, scope, fields)
            if objection is not None:
                await self._refuse(bundle, objection, fields, send)
                return
            standing = await bundle.judged()
            left = 0.0 if self.draining else until - now()
            if left <= 0 or isinstance(standing, Withheld) or not is_unchanged(fields[CONDITIONS], standing.etag):
                await self._answer(bundle, standing, scope, fields, send)
                return
            if serving is not self.serving or _is_outdated(standing, bundle):
                continue  # between the judgement and this turn of the loop; nobody would tell us again
            if not await bundle.news(left, receive):
                self.count(bundle.settings.name, CLIENT_GONE)
                return

    async def _answer(
        self, bundle: ServedBundle, standing: Standing, scope: Scope, fields: Mapping[bytes, bytes], send: Send
    ) -> None:
        if isinstance(standing, Withheld):
            detail = f"no version of bundle:{bundle.settings.name} may be used now"
            refused = _Objection(status=503, detail=detail, reasons=standing.reasons, headers=(_RETRY,))
            await self._refuse(bundle, refused, fields, send)
        elif is_unchanged(fields[CONDITIONS], standing.etag):
            self.count(bundle.settings.name, 304)
            await send(standing.unchanged)
            await send(_END)
        else:
            self.count(bundle.settings.name, 200)
            self._tell_delivery(bundle, standing, scope, fields)
            await send(standing.whole)
            await send({"type": "http.response.body", "body": standing.body if scope["method"] == "GET" else b""})

    async def _refuse(self, bundle: ServedBundle, why: _Objection, fields: Mapping[bytes, bytes], send: Send) -> None:
        self.count(bundle.settings.name, why.status)
        start, body = refusal(
            why.status,
            why.detail,
            correlation_id=correlation_id(fields[b"x-correlation-id"], fields[b"traceparent"]),
            reasons=why.reasons,
            bundle=bundle.settings.name
            if why.status not in {400, 401, 421}
            else "",  # a stranger is not told what there is
            headers=why.headers,
        )
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _tell_delivery(
        self, bundle: ServedBundle, standing: Served, scope: Scope, fields: Mapping[bytes, bytes]
    ) -> None:
        client = scope.get("client")
        facts = {
            "bundle": bundle.settings.name,
            "digest": standing.etag.decode().strip('"'),
            "version": standing.verdict.subject.version,
            "client": f"{client[0]}:{client[1]}" if client else None,
            "judgement": standing.verdict.correlation_id,
        }
        name = correlation_id(fields[b"x-correlation-id"], fields[b"traceparent"])
        self.around.observe(Event(name="bundle.delivered", correlation_id=name, facts=facts))

    def count(self, bundle: str, status: int, answers: int = 1) -> None:
        """Count answers for a bundle, by its name."""
        key = (bundle, status)
        counter = self._counters.get(key)
        if counter is None:
            counter = self._counters[key] = self.around.metrics.requests.labels(bundle, str(status))
        counter.inc(answers)


class _Objection(Value):
    """Why a request is not served."""

    status: int
    detail: str
    reasons: tuple[Reason, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()


def _objection(serving: Serving, scope: Scope, fields: Mapping[bytes, bytes]) -> _Objection | None:
    misdirected = serving.hosts.rejection(fields[b"host"], http_version=scope["http_version"])
    if misdirected is not None:
        reason = misdirected.reason
        return _Objection(status=misdirected.status, detail=reason.message, reasons=(reason,), headers=(_CLOSE,))
    if not serving.clients.anybody:
        rejection = serving.clients.rejection(scope, fields[b"authorization"])
        if rejection is not None:
            return _Objection(status=401, detail=rejection.message, reasons=(rejection,), headers=(_CHALLENGE,))
    if scope["method"] not in {"GET", "HEAD"}:
        detail = f"a bundle is read with GET or HEAD, not {scope['method']}"
        return _Objection(status=405, detail=detail, headers=((b"allow", b"GET, HEAD"), _CLOSE))
    if fields[b"transfer-encoding"] or fields[b"content-length"] not in {b"", b"0"}:
        return _Objection(status=400, detail="a request for a bundle has no body", headers=(_CLOSE,))
    return None


def _is_outdated(standing: Served, bundle: ServedBundle) -> bool:
    newest = bundle.standing
    return isinstance(newest, Withheld) or newest.etag != standing.etag
