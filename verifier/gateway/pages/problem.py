"""Why a request is not served, for programs and people (RFC 9457).

* every refusal is `application/problem+json` with the reason codes of the catalogue
* hostile text is escaped; the document is ASCII
* it is no answer that allows anything for who expects another document: Gatekeeper takes a problem, as any JSON without
  a `response.systemError`, for one that objects to nothing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from verifier.core.outcome import Reason
from verifier.formats.json.write import line
from verifier.formats.verdict.parts import write_reason
from verifier.reports.escape import printable

CONTENT_TYPE = "application/problem+json"
Headers = Mapping[str, str]


def problem(
    status: int, detail: str, *, correlation_id: str = "", reasons: Sequence[Reason] = (), bundle: str = ""
) -> bytes:
    """The body of a refusal; `type` is "about:blank", so `title` is the status code's own."""
    document: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": printable(detail),
        "reasons": [shown(reason) for reason in reasons],
        "response": {"systemError": printable(detail)},
    }
    if bundle:
        document["bundle"] = printable(bundle)
    if correlation_id:
        document["correlationId"] = printable(correlation_id)
    return line(document).encode()


def shown(reason: Reason) -> dict[str, str]:
    """A reason, each text in visible characters."""
    return {name: printable(text) for name, text in write_reason(reason).items() if name != "threat"}
