"""`POST /v1beta1/validate`: what Gatekeeper asks about images, over HTTP.

* whatever is refused is a `ProviderResponse` with a `systemError`, whatever its status: Gatekeeper reads the body of
  every answer, and takes one without that for an answer that objects to nothing
* who may ask is who may ask for bundles: with `tls.client_ca`, who has a certificate of Gatekeeper's authority
* a request's body is JSON, bounded, and there within seconds
* what was asked before a new configuration took over is answered by that one
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from verifier.core.errors import Refused, refuse
from verifier.core.outcome import Reason
from verifier.core.value import Value
from verifier.formats.gatekeeper.external_data import MAX_REQUEST_BYTES, read_request, write_failure, write_response
from verifier.gateway.asgi import Receive, Scope, Send
from verifier.gateway.clients import header
from verifier.gateway.metrics import Metrics
from verifier.reports.escape import printable

if TYPE_CHECKING:
    from verifier.gateway.serving import Serving

BODY_S: Final = 5.0
"""How long a client may take for its request."""
_JSON: Final = b"application/json"
_STATUS_OF: Final = {"input.too-large": 413, "input.unreadable": 408}
_LONGEST_SYSTEM_ERROR: Final = 500


class _Objection(Value):
    """Why a request is not answered."""

    status: int
    message: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Endpoint:
    """Answers for what `serving` gives at the time."""

    def __init__(self, serving: Callable[[], Serving], metrics: Metrics) -> None:
        self._serving, self._metrics = serving, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        objection = _objection(self._serving(), scope)
        if objection is None:
            try:
                answer = await self._answered(read_request(await _body(receive)), scope)
            except Refused as refusal:
                first = refusal.reasons[0]
                objection = _of(first, status=_STATUS_OF.get(first.code, 400))
            else:
                await self._send(send, 200, answer)
                return
        await self._send(send, objection.status, write_failure(objection.message), objection.headers)

    async def _answered(self, keys: tuple[str, ...], scope: Scope) -> bytes:
        client = scope.get("client")
        address = str(client[0]) if client else ""
        while True:
            serving = self._serving()
            if serving.images is None:
                raise refuse("request.malformed", "request", _NOT_HERE)
            items = await serving.images.answers(keys, address)
            if serving is self._serving():
                return write_response(items)

    async def _send(self, send: Send, status: int, body: bytes, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self._metrics.pages.labels(str(status)).inc()
        fields = [
            (b"content-type", _JSON),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            *headers,
        ]
        if status != 200:
            fields.append((b"connection", b"close"))  # what is left of the request is not read
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": body})


_NOT_HERE: Final = "this gateway answers for no images: its configuration has no table [images]"


def _objection(serving: Serving, scope: Scope) -> _Objection | None:
    headers = scope["headers"]
    misdirected = serving.hosts.rejection(header(headers, b"host"), http_version=scope["http_version"])
    if misdirected is not None:
        return _of(misdirected.reason, status=misdirected.status)
    if not serving.clients.anybody:
        rejection = serving.clients.rejection(scope, header(headers, b"authorization"))
        if rejection is not None:
            return _of(rejection, status=401)
    if serving.images is None:
        return _Objection(status=404, message=f"request.malformed: {_NOT_HERE}")
    if scope["method"] != "POST":
        message = f"request.malformed: images are asked about with POST, not {scope['method'][:20]}"
        return _Objection(status=405, message=printable(message), headers=((b"allow", b"POST"),))
    if header(headers, b"content-type").partition(b";")[0].strip().lower() != _JSON:
        # A page in a browser can send anything else to a stranger without having asked first.
        return _Objection(status=415, message="request.malformed: the request is not application/json")
    return None


def _of(reason: Reason, *, status: int) -> _Objection:
    return _Objection(
        status=status, message=printable(f"{reason.code}: {reason.message}", longest=_LONGEST_SYSTEM_ERROR)
    )


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise refuse("input.unreadable", "request", "the client has gone")
                body += message.get("body", b"")
                if len(body) > MAX_REQUEST_BYTES:
                    raise refuse("input.too-large", "request", f"more than {MAX_REQUEST_BYTES} bytes")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise refuse("input.unreadable", "request", f"the body did not come within {BODY_S:.0f}s") from None
