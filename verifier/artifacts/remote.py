"""Fetching a document that somebody named by its URL: bounded in size, time and hops, and never with credentials.

* https only, but for loopback
* a redirect is followed to https on a public address; it never leads to a private one that nobody named
* the answer is read up to its bound, whatever its headers say
* whatever goes wrong is `input.unreachable`, never an empty document

The threat is T-404: a hostile reference or redirect that reaches into the network of whoever verifies.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from verifier.core.errors import refuse

if TYPE_CHECKING:
    import requests

MAX_REDIRECTS = 3
_CONNECT_S, _READ_S, _WHOLE_S = 10, 10, 60
_PIECE = 64 * 1024


def fetch(url: str, *, max_bytes: int) -> bytes:
    """The body of the answer; `Refused` (`input.unreachable`, `input.too-large`) where there is none to be had."""
    import requests  # noqa: PLC0415 - only for those who fetch

    deadline = time.monotonic() + _WHOLE_S
    with requests.Session() as session:
        session.trust_env = False  # no .netrc: credentials of another purpose stay where they are
        try:
            for hop in range(MAX_REDIRECTS + 1):
                _require_allowed(url, named=hop == 0)
                with session.get(url, stream=True, allow_redirects=False, timeout=(_CONNECT_S, _READ_S)) as answer:
                    if not answer.is_redirect:
                        return _body(answer, url, max_bytes, deadline)
                    url = urljoin(url, answer.headers["location"])
        except (requests.RequestException, OSError, ValueError) as error:
            raise refuse("input.unreachable", url, f"could not be fetched: {type(error).__name__}") from error
    raise refuse("input.unreachable", url, f"more than {MAX_REDIRECTS} redirects")


def _body(answer: requests.Response, url: str, max_bytes: int, deadline: float) -> bytes:
    if answer.status_code != 200:
        raise refuse("input.unreachable", url, f"the server answered with status {answer.status_code}")
    body = bytearray()
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > max_bytes:
            raise refuse("input.too-large", url, f"more than {max_bytes} bytes, which are allowed")
        if time.monotonic() > deadline:
            raise refuse("input.unreachable", url, f"the answer took longer than {_WHOLE_S} seconds")
    return bytes(body)


def _require_allowed(url: str, *, named: bool) -> None:
    """Refuse what is not https to a host with a public address; a person may name any host, a redirect may not."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not (named and _addresses(host) and all(map(_is_loopback, _addresses(host)))):
        raise refuse("input.unreachable", url, "plain http is for loopback only, expected https")
    if parts.scheme not in {"http", "https"} or parts.username is not None or parts.password is not None:
        raise refuse("input.unreachable", url, "expected https without a user name")
    if not named and not all(ipaddress.ip_address(each).is_global for each in _addresses(host)):
        raise refuse("input.unreachable", url, "the redirect leads to an address that is not public")


def _addresses(host: str) -> list[str]:
    try:
        return [str(each[4][0]) for each in socket.getaddrinfo(host, None)]
    except (OSError, UnicodeError) as error:
        raise refuse("input.unreachable", host, f"the host has no address: {error}") from error


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback
