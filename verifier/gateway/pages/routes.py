"""What the gateway answers besides bundles: health, readiness, metrics, status, notifications.

* where clients must say who they are, only /healthz is for everybody; a notification is proven by its signature
* ready means that every bundle is served now, by a judgement made for this answer, and that images can be judged;
  `?strict` also that nothing is refused: nothing that an upstream has, and no reload
* a notification's body is read up to its bound, and not for longer than a sender may take
* whatever is refused is problem+json
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.formats.json.write import page
from verifier.gateway import metrics
from verifier.gateway.asgi import Receive, Scope, Send
from verifier.gateway.bundles.bundle import ServedBundle
from verifier.gateway.clients import header
from verifier.gateway.events import Event, Level, told
from verifier.gateway.pages import status_page
from verifier.gateway.pages.answers import RETRY_S, Served, Standing, refusal
from verifier.gateway.pages.correlation import correlation_id
from verifier.gateway.pages.reload import RefusedReload
from verifier.gateway.pages.status import NEWEST, is_ready, status
from verifier.gateway.pages.webhook import FIELDS, MAX_BODY_BYTES, Notifications
from verifier.gateway.serving import Serving, Surroundings

BODY_S = 10.0
"""How long a sender may take for a notification."""
_STATUS_OF = {
    "webhook.unsigned": 401,
    "webhook.signature-invalid": 401,
    "webhook.stale": 401,
    "webhook.replayed": 409,
    "webhook.malformed": 400,
    "request.overloaded": 429,
    "input.too-large": 413,
    "input.unreadable": 408,
}
_DETAILS = {404: "there is nothing at this path", 405: "this path is not asked that way"}
_CORRELATION = "verifier.correlation_id"
_HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}


class Pages:
    """The pages of one gateway; `serving` gives what it serves now."""

    def __init__(
        self,
        around: Surroundings,
        serving: Callable[[], Serving],
        refused: Callable[[], RefusedReload | None],
        *,
        started_at: datetime,
    ) -> None:
        self._around, self._serving, self._refused, self._started_at = around, serving, refused, started_at
        self._notifications = Notifications()
        self._starlette = Starlette(
            routes=[
                Route("/healthz", self._healthz),
                Route("/readyz", self._readyz),
                Route("/metrics", self._metrics),
                Route("/status", self._status),
                Route("/", self._page),
                Route("/notify", self._notify, methods=["POST"]),
            ],
            exception_handlers={HTTPException: self._http_error},
        )
        self._starlette.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for a page."""
        path, clients = scope["path"], self._serving().clients
        host = header(scope["headers"], b"host")
        misdirected = self._serving().hosts.rejection(host, http_version=scope["http_version"])
        if misdirected is not None:
            reason = misdirected.reason
            answer = self._problem(Request(scope), misdirected.status, reason.message, (reason,))
            answer.headers["connection"] = "close"
            await answer(scope, receive, send)
            return
        if path != "/healthz" and not clients.anybody:
            given = header(scope["headers"], b"authorization")
            rejection = clients.rejection(scope, given, token=path != "/notify")
            if rejection is not None:
                answer = self._problem(Request(scope), 401, rejection.message, (rejection,))
                answer.headers["www-authenticate"] = "Bearer"
                await answer(scope, receive, send)
                return
        await self._starlette(scope, receive, send)

    def gauges(self) -> metrics.Gauges:
        """What is measured when somebody looks."""
        found: list[tuple[str, str, str, float]] = []
        now = self._around.clock()
        for bundle in self._serving().bundles:
            name, history = bundle.settings.name, bundle.history
            serving = float(isinstance(bundle.standing, Served))
            found.append(("verifier_gateway_serving", "Whether the bundle is served.", name, serving))
            found.append(("verifier_gateway_refusing", "Whether upstream has what is refused.", name, history.refusing))
            found.append(("verifier_gateway_held_polls", "Clients that wait for news.", name, bundle.held))
            found += _age("last_good", "Age of what was accepted last.", name, now, history.accepted_at)
            if isinstance(bundle.standing, Served) and (ends := bundle.standing.verdict.expires_at) is not None:
                left = (ends - now).total_seconds()
                found.append(("verifier_gateway_seconds_left", "Time until what is served expires.", name, left))
            found += _age("upstream_contact", "Time since upstream answered.", name, now, history.contacted_at)
        return found

    async def _judged(self) -> tuple[Serving, list[Standing]]:
        serving = self._serving()
        return serving, list(await asyncio.gather(*(bundle.judged() for bundle in serving.bundles)))

    async def _document(self) -> dict[str, Any]:
        serving, standings = await self._judged()
        events = await asyncio.gather(*(bundle.events(NEWEST) for bundle in serving.bundles))
        now, refused = self._around.clock(), self._refused()
        return status(serving, standings, events, refused, now=now, started_at=self._started_at)

    async def _healthz(self, _: Request) -> Response:
        return self._json(200, {"alive": True})

    async def _readyz(self, request: Request) -> Response:
        serving, standings = await self._judged()
        bundles = zip(serving.bundles, standings, strict=True)
        ready = {bundle.settings.name: isinstance(standing, Served) for bundle, standing in bundles}
        everyone = is_ready(serving, standings)
        if "strict" not in request.query_params:
            return self._json(200 if everyone else 503, {"ready": everyone, "bundles": ready})
        refused = {
            "refusing": [bundle.settings.name for bundle in serving.bundles if bundle.history.refusing],
            "reloadRefused": self._refused() is not None,
        }
        everyone = everyone and not any(refused.values())
        return self._json(200 if everyone else 503, {"ready": everyone, "bundles": ready, **refused})

    async def _metrics(self, _: Request) -> Response:
        return self._content(self._around.metrics.exposition(), metrics.CONTENT_TYPE)

    async def _status(self, _: Request) -> Response:
        return self._json(200, await self._document())

    async def _page(self, request: Request) -> Response:
        follows = "follow" in request.query_params
        document = status_page.render(await self._document(), follows=follows)
        answer = self._content(document.encode(), "text/html; charset=utf-8")
        if follows:
            answer.headers["refresh"] = str(status_page.FOLLOWS_S)
        answer.headers["content-security-policy"] = status_page.CONTENT_SECURITY_POLICY
        return answer

    async def _notify(self, request: Request) -> Response:
        around = self._around
        rules = self._serving().settings.notify
        if rules is None:
            raise HTTPException(404, "notifications are not configured")
        try:
            body = await _body(request)
            name = self._notifications.take(rules, _signed_fields(request), body, now=around.clock())
            bundles = _named(name, self._serving().bundles)
        except Refused as refusal:
            return self._refused_notification(request, refusal)
        for bundle in bundles:
            bundle.refresh_soon()
        around.metrics.notifications.labels("accepted").inc()
        names = [bundle.settings.name for bundle in bundles]
        self._tell("notification.accepted", request, bundles=names)
        return self._json(202, {"refreshing": names})

    def _refused_notification(self, request: Request, refusal: Refused) -> Response:
        first = refusal.reasons[0]
        self._around.metrics.notifications.labels(first.code).inc()
        self._tell("notification.refused", request, level="warning", **told(refusal.reasons))
        answer = self._problem(request, _STATUS_OF.get(first.code, 400), first.message, refusal.reasons)
        if first.code == "request.overloaded":
            answer.headers["retry-after"] = str(RETRY_S)
        return answer

    async def _http_error(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        detail = _DETAILS.get(error.status_code, error.detail)
        answer = self._problem(request, error.status_code, detail)
        answer.headers.update(error.headers or {})
        return answer

    def _json(self, status_code: int, document: dict[str, Any]) -> Response:
        return self._content(page(document).encode(), "application/json", status_code)

    def _content(self, content: bytes, media_type: str, status_code: int = 200) -> Response:
        self._around.metrics.pages.labels(str(status_code)).inc()
        answer = Response(content, status_code)
        answer.headers.update({"content-type": media_type, **_HEADERS})
        return answer

    def _problem(self, request: Request, status_code: int, detail: str, reasons: Sequence[Reason] = ()) -> Response:
        self._around.metrics.pages.labels(str(status_code)).inc()
        start, body = refusal(status_code, detail, correlation_id=_correlation_id(request), reasons=reasons)
        answer = Response(body, status_code)
        answer.raw_headers = start["headers"]
        return answer

    def _tell(self, name: str, request: Request, *, level: Level = "info", **facts: object) -> None:
        if request.client is not None:
            facts["client"] = f"{request.client.host}:{request.client.port}"
        event = Event(name=name, level=level, correlation_id=_correlation_id(request), facts=facts)
        self._around.observe(event)


def _signed_fields(request: Request) -> dict[str, str]:
    """The fields of a notification; one that stands twice says nothing."""
    given = {name: request.headers.getlist(name) for name in FIELDS}
    return {name: values[0] for name, values in given.items() if len(values) == 1}


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    raise refuse("input.too-large", "notification", f"more than {MAX_BODY_BYTES} bytes")
    except (TimeoutError, ClientDisconnect) as error:
        raise refuse("input.unreadable", "notification", f"the body did not come within {BODY_S:.0f}s") from error
    return bytes(body)


def _named(name: str | None, bundles: Sequence[ServedBundle]) -> list[ServedBundle]:
    found = [bundle for bundle in bundles if name in {None, bundle.settings.name}]
    if not found:
        raise refuse("webhook.malformed", "notification", f"there is no bundle {name!r} here")
    return found


def _age(what: str, meaning: str, bundle: str, now: datetime, then: datetime | None) -> metrics.Gauges:
    if then is None:
        return []
    return [(f"verifier_gateway_{what}_age_seconds", meaning, bundle, (now - then).total_seconds())]


def _correlation_id(request: Request) -> str:
    """One for the request, whoever asks for it: in its answer and in the log."""
    scope = request.scope
    if _CORRELATION not in scope:
        headers = scope["headers"]
        scope[_CORRELATION] = correlation_id(header(headers, b"x-correlation-id"), header(headers, b"traceparent"))
    return str(scope[_CORRELATION])
