"""Reason codes of requests that the gateway does not serve."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided

REQUEST: tuple[ReasonCode, ...] = (
    error(
        "request.unauthenticated",
        "the client did not say who it is",
        cause="The gateway asks for a bearer token or a client certificate, and the request has none that it knows.",
        remedy="Configure the client with its token or certificate.",
    ),
    error(
        "request.misdirected",
        "the request is for another host",
        cause="Its field Host, or the host in its target, is missing, stands twice, or is a name that is not the "
        "gateway's: a page in a browser may have made that name lead here.",
        remedy="Ask by the gateway's address or by localhost, or configure the name in `hosts`.",
        threat="T-404",
    ),
    undecided(
        "request.overloaded",
        "the gateway has as much to do as it may",
        cause="The bound on connections, long polls or notifications is reached.",
        remedy="Try again after the time in Retry-After; raise `limits.connections` if clients are that many.",
        threat="T-213",
    ),
    error(
        "request.malformed",
        "the request is not what was expected",
        cause="It is no ProviderRequest of Gatekeeper's external data, version v1beta1, or a key of it is no image's "
        "reference.",
        remedy="Ask with Gatekeeper 3.11 or newer, and for whole references (registry/repository:tag or @sha256:...).",
        threat="T-213",
    ),
    undecided(
        "request.unfinished",
        "the image is still being verified",
        cause="Verifying it takes longer than a client may wait (`images.wait`): it goes on, and is kept.",
        remedy="Ask again, as Kubernetes' controllers do; if it stays so, see how long the registry takes.",
        threat="T-213",
    ),
)
