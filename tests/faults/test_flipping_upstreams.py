"""Upstreams that flip between versions and whose entity tags lie: what clients get never goes back."""

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of
from tests.support.loading.hostile import bundle_server, forgets, gives, in_turn
from verifier.core.digest import Digest
from verifier.ledger.interface import EventKind

FLIPS = 20


@pytest.fixture
def upstream():
    with bundle_server(gives(OLD)) as running:
        yield running


@pytest.fixture
def gateway(scene, upstream):
    with scene.running(scene.bundle(upstream=upstream.url)) as gateway:
        scene.saw("bundle.served", version="1.0.0")
        yield gateway


def accepted(scene):
    return [event.version for event in scene.history() if event.kind is EventKind.ACCEPTED]


@pytest.mark.parametrize("tagged", [gives, forgets])
def test_a_version_that_comes_and_goes_between_requests_stays(scene, upstream, gateway, tagged):
    upstream.reply = in_turn(tagged(NEW), tagged(OLD))
    scene.saw("bundle.served", version="1.1.0")
    refused = scene.saw("bundle.refused")
    assert (refused.facts["version"], refused.facts["codes"]) == ("1.0.0", ["version.rollback"])
    for _ in range(FLIPS):
        upstream.asked(1)
        assert gateway.ask(If_None_Match=etag_of(OLD)).body == NEW
    assert accepted(scene) == ["1.0.0", "1.1.0"]


def test_the_older_one_under_the_tag_of_the_newer_one_is_refused(scene, upstream, gateway):
    upstream.reply = gives(NEW)
    scene.saw("bundle.served", version="1.1.0")
    upstream.reply = lambda exchange: exchange.answer(200, OLD, ETag=etag_of(NEW))
    assert scene.saw("bundle.refused").facts["codes"] == ["version.rollback"]
    upstream.asked()
    assert gateway.ask().body == NEW


def test_other_bytes_under_the_same_tag_are_judged_where_they_are_sent(scene, upstream, gateway):
    upstream.reply = lambda exchange: exchange.answer(200, NEW, ETag=etag_of(OLD))
    scene.saw("bundle.served", version="1.1.0")
    upstream.asked()
    assert gateway.ask().body == NEW


def test_other_bytes_behind_a_tag_that_never_changes_come_with_the_first_tag_that_does(scene, upstream, gateway):
    upstream.reply = gives(NEW, tag=etag_of(OLD))
    upstream.asked(3)
    assert gateway.ask().body == OLD  # nothing else was ever sent
    upstream.reply = gives(NEW)
    scene.saw("bundle.served", version="1.1.0")


def test_the_same_bytes_under_ever_new_tags_are_nothing_new(scene, upstream, gateway):
    upstream.reply = in_turn(*(lambda exchange, n=n: exchange.answer(200, OLD, ETag=f'"{n}"') for n in range(FLIPS)))
    held = gateway.hold(etag_of(OLD))
    upstream.asked(FLIPS)
    assert gateway.held() == 1
    assert len(scene.history()) == 1
    assert scene.metric("verifier_gateway_decisions_total", bundle="authz", code="accepted") == 1
    upstream.reply = gives(NEW)
    assert held.answer().body == NEW


def test_not_modified_is_no_way_back(scene, upstream, gateway):
    upstream.reply = gives(NEW)
    scene.saw("bundle.served", version="1.1.0")
    upstream.reply = lambda exchange: exchange.answer(304, ETag=etag_of(OLD))
    upstream.asked(3)
    answer = gateway.ask()
    assert (answer.body, answer.etag) == (NEW, f'"{Digest.of(NEW)}"')
