"""Upstreams that stall, lie about length, never end or lead elsewhere: what stands is served, and why is shown."""

import contextlib
import threading
from datetime import timedelta

import pytest

from tests.support.gateway.scene import NEW, OLD
from tests.support.loading.hostile import bundle_server, gives
from tests.support.net.servers import server
from tests.support.patience import PATIENCE_S
from verifier.core.value import replace
from verifier.sources.upstream import Access

TEN_GIB = 10 * 1024**3
PATIENT, IMPATIENT = Access(timeout_s=PATIENCE_S), Access(timeout_s=0.3)
HEADERS = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.fixture
def upstream():
    with bundle_server(gives(OLD)) as running:
        yield running


def bundle(scene, upstream, **changes):
    return scene.bundle(upstream=upstream.url, **changes)


@pytest.fixture
def gateway(scene, upstream):
    """Serves OLD, and reads no more than a megabyte."""
    policy = scene.folder / "trust.toml"
    policy.write_text(policy.read_text() + "[limits]\narchive-bytes = 1000000\n")
    with scene.running(bundle(scene, upstream, access=PATIENT)) as gateway:
        scene.saw("bundle.served", version="1.0.0")
        yield gateway


def endless(exchange):
    """Chunk after chunk, for as long as somebody reads."""
    exchange.wfile.write(HEADERS + b"Transfer-Encoding: chunked\r\n\r\n")
    piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    for _ in range(TEN_GIB // 65_536):
        exchange.wfile.write(piece)


def stalling_in_the_middle(exchange):
    exchange.wfile.write(HEADERS + b"Content-Length: %d\r\n\r\n" % len(NEW) + NEW[:-1])
    exchange.over()


def drip(exchange):
    """A byte now and then, each within what a read may take."""
    exchange.wfile.write(HEADERS + b"Content-Length: %d\r\n\r\n" % len(NEW))
    for byte in NEW:
        exchange.wfile.write(bytes([byte]))
        if exchange.server.over.wait(0.1):
            break


STALLS = {
    "never answers": lambda exchange: exchange.over(),
    "stalls in the middle": stalling_in_the_middle,
    "drips": drip,
}
LIES = {
    "ends before its length": (
        lambda exchange: exchange.raw(HEADERS + b"Content-Length: 999999\r\n\r\n" + NEW),
        "input.unreachable",
    ),
    "has two lengths": (
        lambda exchange: exchange.raw(HEADERS + b"Content-Length: 9\r\nContent-Length: %d\r\n\r\n" % len(NEW) + NEW),
        "input.unreachable",
    ),
    "has a length below nothing": (
        lambda exchange: exchange.raw(HEADERS + b"Content-Length: -1\r\n\r\n" + NEW),
        "input.unreachable",
    ),
    "announces 10 GiB": (
        lambda exchange: exchange.raw(HEADERS + b"Content-Length: %d\r\n\r\n" % TEN_GIB + NEW),
        "input.too-large",
    ),
    "sends 10 GiB": (endless, "input.too-large"),
    "is coded": (lambda exchange: exchange.answer(200, NEW, Content_Encoding="gzip"), "input.unreachable"),
    "is not HTTP": (lambda exchange: exchange.raw(b"\x16\x03\x01" * 99), "input.unreachable"),
    "hangs up": (lambda exchange: exchange.raw(b""), "input.unreachable"),
    "redirects in a circle": (lambda exchange: exchange.answer(302, Location=exchange.path), "input.unreachable"),
}


def require_why_nothing_newer_comes(scene, gateway, code):
    assert scene.saw("bundle.unreached").facts["codes"] == [code]
    for _ in range(3):
        assert gateway.ask().body == OLD
    state = gateway.status()
    assert (state["state"], state["lastFailure"]["reasons"][0]["code"]) == ("serving", code)
    assert state["failures"] >= 1


def require_that_newer_comes(gateway):
    gateway.until(lambda: gateway.ask().body == NEW)
    gateway.until(lambda: gateway.status()["failures"] == 0)


@pytest.mark.parametrize("name", LIES)
def test_what_stands_is_served_and_status_says_why_nothing_newer_comes(scene, upstream, gateway, name):
    upstream.reply, code = LIES[name]
    require_why_nothing_newer_comes(scene, gateway, code)
    upstream.reply = gives(NEW)
    require_that_newer_comes(gateway)


@pytest.mark.parametrize("name", STALLS)
def test_who_stalls_is_given_up_and_what_stands_is_served(scene, upstream, gateway, name):
    """The bound is short for the stall alone: what must come through is given time."""
    upstream.reply = STALLS[name]
    scene.reload(gateway, bundles=(bundle(scene, upstream, access=IMPATIENT),))
    require_why_nothing_newer_comes(scene, gateway, "input.unreachable")
    upstream.reply = gives(NEW)
    scene.reload(gateway, bundles=(bundle(scene, upstream, access=PATIENT),))
    require_that_newer_comes(gateway)


def test_too_short_a_length_is_a_bundle_that_was_cut_off(scene, upstream, gateway):
    upstream.reply = lambda exchange: exchange.raw(HEADERS + b"Content-Length: 200\r\n\r\n" + NEW)
    assert "archive.truncated" in scene.saw("bundle.refused").facts["codes"]
    assert gateway.ask().body == OLD


@pytest.mark.parametrize(
    "place", ["http://10.0.0.1/", "https://192.168.0.1/", "http://169.254.169.254/latest", "file:///etc"]
)
def test_a_redirect_to_a_private_address_is_not_followed(scene, upstream, gateway, place):
    upstream.reply = lambda exchange: exchange.answer(302, Location=place)
    assert scene.saw("bundle.unreached").facts["codes"] == ["input.unreachable"]
    assert gateway.ask().body == OLD


def test_whom_a_redirect_leads_to_is_not_asked(scene, upstream, gateway):
    with server(lambda exchange: exchange.answer(200, NEW)) as elsewhere:
        upstream.reply = lambda exchange: exchange.answer(302, Location=f"{elsewhere.url}/authz.tar.gz")
        scene.saw("bundle.unreached")
        assert elsewhere.seen == []
    assert gateway.ask().body == OLD


@pytest.mark.parametrize("name", STALLS)
def test_a_stall_holds_up_no_client_and_no_other_bundle(scene, upstream, name):
    """However long it may take: nobody waits for it, also not who has a long poll or wants the gateway to end."""
    with bundle_server(gives(OLD)) as healthy:
        other = replace(scene.bundle("other"), upstream=healthy.url)
        with scene.running(bundle(scene, upstream, access=PATIENT), other) as gateway:
            gateway.until(lambda: gateway.ask("/readyz").status == 200)
            stalled = threading.Event()

            def stalling(exchange):
                stalled.set()
                with contextlib.suppress(OSError):
                    STALLS[name](exchange)

            upstream.reply = stalling
            assert stalled.wait(PATIENCE_S)
            assert gateway.ask().body == OLD
            healthy.reply = gives(NEW)
            scene.saw("bundle.served", bundle="other", version="1.1.0")
            assert (gateway.ask().body, gateway.ask("/bundles/other").body) == (OLD, NEW)
            scene.quarantine(OLD)
            assert gateway.ask().codes == ["version.quarantined"]


def test_a_stalled_upstream_is_left_at_a_reload(scene, upstream):
    stalled = threading.Event()

    def stalling(exchange):
        stalled.set()
        exchange.over()

    with scene.running(bundle(scene, upstream, access=PATIENT)) as gateway:
        scene.saw("bundle.served", version="1.0.0")
        upstream.reply = stalling
        assert stalled.wait(PATIENCE_S)
        scene.publish(NEW)
        assert (
            scene.reload(gateway, bundles=(scene.bundle(poll=timedelta(milliseconds=20)),)).name == "gateway.reloaded"
        )
        scene.saw("bundle.served", version="1.1.0")
        assert gateway.ask().body == NEW
