"""Health, readiness, metrics and status: true at the moment they are asked for, and safe to look at."""

import json
from datetime import timedelta

import jsonschema
import pytest

from tests.support.gateway.scene import NEW, OLD, release
from tests.support.pages.page import Page, asked_for
from tests.support.places import ROOT
from tests.support.stories import archive
from verifier.gateway.pages import status_page

SCHEMA = json.loads((ROOT / "docs/schemas/gateway-status-v1.json").read_text())


@pytest.fixture
def gateway(scene):
    """Serves NEW; a second bundle has nothing, and OLD is replayed for the first."""
    scene.publish(NEW)
    scene.publish(archive(), "empty")
    with scene.running(scene.bundle(), scene.bundle("empty")) as gateway:
        scene.saw("bundle.served")
        scene.publish(OLD)
        scene.saw("bundle.refused", bundle="authz")
        yield gateway


class TestReadiness:
    def test_alive_is_not_ready(self, gateway):
        assert gateway.ask("/healthz").status == 200
        answer = gateway.ask("/readyz")
        assert (answer.status, answer.json["bundles"]) == (503, {"authz": True, "empty": False})

    def test_ready_once_every_bundle_is_served(self, scene, gateway):
        scene.publish(NEW, "empty")
        scene.saw("bundle.served", bundle="empty")
        assert gateway.ask("/readyz").status == 200

    def test_not_ready_any_more_once_one_is_withdrawn(self, scene, gateway):
        scene.publish(NEW, "empty")
        scene.saw("bundle.served", bundle="empty")
        scene.quarantine(NEW, "empty")
        assert gateway.ask("/readyz").json["bundles"] == {"authz": True, "empty": False}

    def test_strictly_it_is_not_where_anything_is_refused(self, scene, gateway):
        scene.publish(NEW, "empty")
        scene.saw("bundle.served", bundle="empty")
        assert gateway.ask("/readyz").status == 200
        answer = gateway.ask("/readyz?strict")
        assert (answer.status, answer.json["refusing"], answer.json["reloadRefused"]) == (503, ["authz"], False)

    def test_strictly_it_is_where_nothing_is_refused(self, scene):
        scene.publish(NEW)
        with scene.running() as gateway:
            scene.saw("bundle.served")
            assert gateway.ask("/readyz?strict").status == 200


class TestStatus:
    def test_is_what_its_schema_says(self, gateway):
        document = gateway.ask("/status").json
        jsonschema.Draft202012Validator(SCHEMA).validate(document)

    def test_tells_what_is_served_from_what_is_refused(self, gateway):
        one, other = gateway.ask("/status").json["bundles"]
        assert (one["state"], one["version"], one["refusing"], one["lastRefusal"]["version"]) == (
            ("serving", "1.1.0", True, "1.0.0")
        )
        assert (other["state"], other["digest"], other["refusing"]) == ("empty", None, True)

    def test_shows_no_secret(self, scene):
        scene.publish(NEW)
        with scene.running(tokens=("a-token-of-some-length",)) as gateway:
            answer = gateway.ask("/status", Authorization="Bearer a-token-of-some-length")
            assert b"a-token" not in answer.body

    def test_is_not_kept_by_anybody(self, gateway):
        for path in ("/status", "/", "/metrics", "/readyz", "/healthz"):
            assert gateway.ask(path).headers["cache-control"] == "no-store"

    def test_has_the_history_of_each_scope(self, gateway):
        one, other = gateway.ask("/status").json["bundles"]
        assert [(each["what"], each["version"]) for each in one["history"]] == [
            ("accepted", "0:1.1.0"),
            ("denied", "0:1.0.0"),
        ]
        assert one["history"][1]["codes"] == ["version.rollback"]
        assert [each["what"] for each in other["history"]] == ["denied"]

    def test_says_when_what_is_served_expires(self, scene):
        scene.trust('freshness = "7d"')
        scene.publish(NEW)
        with scene.running() as gateway:
            scene.saw("bundle.served")
            before = gateway.status()["secondsLeft"]
            scene.clock.pass_by(hours=1)
            bundle = gateway.status()
            assert 0 < before <= 7 * 86_400
            assert before - bundle["secondsLeft"] == 3600
            assert scene.metric("verifier_gateway_seconds_left", bundle="authz") == bundle["secondsLeft"]
            assert "expires in 6 days" in gateway.ask("/").body.decode()

    def test_says_nothing_of_the_kind_where_nothing_ends(self, gateway):
        assert [each["expiresAt"] for each in gateway.ask("/status").json["bundles"]] == [None, None]


class TestThePage:
    def test_needs_nothing_and_runs_nothing(self, gateway):
        answer = gateway.ask("/")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert asked_for(answer.body.decode()) == ["a href=?follow"]
        assert b"<script" not in answer.body

    def test_is_framed_by_nobody_and_its_header_says_what_it_says(self, gateway):
        answer = gateway.ask("/")
        said = answer.headers["content-security-policy"]
        inside = "; ".join(f"{name} {value}" for name, value in Page(answer.body.decode()).policy.items())
        assert said == f"{inside}; frame-ancestors 'none'"
        assert "script-src 'none'" in said

    def test_asks_again_only_where_it_is_told_to_follow(self, gateway):
        assert "refresh" not in gateway.ask("/").headers
        assert gateway.ask("/?follow").headers["refresh"] == "15"

    def test_shows_the_history_of_each_bundle(self, gateway):
        page = Page(gateway.ask("/").body.decode())
        (one,) = [each for each in page.named("svg") if (each.said.get("aria-label") or "").startswith("Timeline of 2")]
        assert "1 accepted, 1 denied" in one.said["aria-label"]
        assert "1.0.0" in page.by_id("b1-events").text

    def test_says_what_stands_and_what_was_refused(self, gateway):
        page = gateway.ask("/").body.decode()
        for words in ("NOT READY", "1 of 2 bundles served", "version.rollback", "signature.missing", "1.1.0"):
            assert words in page

    def test_escapes_what_is_hostile(self):
        hostile = "<img src=x onerror=alert(1)>\u202e\x1b[31m&\"'"
        reason = dict.fromkeys(("code", "severity", "subject", "message", "hint"), hostile)
        incident = {"time": hostile, "digest": None, "version": hostile, "correlationId": hostile, "reasons": [reason]}
        event = {
            **dict.fromkeys(("what", "version", "comment"), hostile),
            "time": "2026-01-01T00:00:00Z",
            "digest": None,
            "codes": [hostile],
        }
        bundle = {
            **dict.fromkeys(("name", "path", "upstream", "version", "acceptedAt", "contactedAt"), hostile),
            "state": "withheld",
            "digest": {"sha256": hostile},
            "levels": [],
            "reasons": [reason],
            "refusing": True,
            "failures": 1,
            "lastRefusal": incident,
            "lastFailure": incident,
            "heldPolls": 0,
            "expiresAt": hostile,
            "secondsLeft": 1,
            "history": [event],
        }
        document = {
            "ready": False,
            "time": hostile,
            "startedAt": hostile,
            "verifier": {"version": hostile},
            "policy": {"uri": hostile, "digest": {"sha256": hostile}},
            "refusedReload": {"time": hostile, "message": hostile, "hint": hostile, "times": 2},
            "bundles": [bundle],
            "ledger": {"usable": False, "url": None, "reasons": [reason]},
        }
        page = status_page.render(document)
        assert asked_for(page) == ["a href=?follow"]
        assert not {"\u202e", "\x1b"} & set(page)
        assert "&lt;img src=x onerror=alert(1)&gt;\\u202e\\x1b[31m&amp;&quot;&#x27;" in page


class TestMetrics:
    @pytest.mark.usefixtures("gateway")
    def test_count_decisions_by_code(self, scene):
        assert scene.metric("verifier_gateway_decisions_total", bundle="authz", code="accepted") == 1
        assert scene.metric("verifier_gateway_findings_total", source="proven") >= 2
        assert scene.metric("verifier_gateway_findings_total", source="memory") >= 1
        assert scene.metric("verifier_gateway_decisions_total", bundle="authz", code="version.rollback") == 1
        assert scene.metric("verifier_gateway_decisions_total", bundle="empty", code="signature.missing") == 1

    def test_count_requests_by_answer(self, scene, gateway):
        gateway.ask()
        gateway.ask(If_None_Match="*")
        gateway.ask("/bundles/empty")
        answers = {
            (bundle, status): scene.metric("verifier_gateway_requests_total", bundle=bundle, status=status)
            for bundle, status in [("authz", "200"), ("authz", "304"), ("empty", "503")]
        }
        assert set(answers.values()) == {1}

    @pytest.mark.usefixtures("gateway")
    def test_tell_ages_and_who_waits(self, scene):
        scene.clock.pass_by(seconds=90)
        assert scene.metric("verifier_gateway_last_good_age_seconds", bundle="authz") == 90
        assert scene.metric("verifier_gateway_serving", bundle="authz") == 1
        assert scene.metric("verifier_gateway_serving", bundle="empty") == 0
        assert scene.metric("verifier_gateway_held_polls", bundle="authz") == 0

    def test_measure_the_ledger(self, scene, gateway):
        gateway.ask()
        assert scene.metric("verifier_gateway_ledger_seconds_count", operation="read") > 0
        assert scene.metric("verifier_gateway_ledger_seconds_count", operation="write") > 0

    def test_are_what_prometheus_reads(self, gateway):
        answer = gateway.ask("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        assert b"# TYPE verifier_gateway_requests_total counter" in answer.body
        assert b'verifier_gateway_info{version="' in answer.body

    def test_a_path_makes_no_label(self, gateway):
        gateway.ask("/nobody-knows-this")
        assert b"nobody-knows" not in gateway.ask("/metrics").body


def test_an_age_is_told_since_the_last_contact(scene):
    scene.publish(release("3.0.0"))
    with scene.running(scene.bundle(poll=timedelta(days=1))):
        scene.saw("bundle.served")
        scene.clock.pass_by(seconds=30)
        assert scene.metric("verifier_gateway_upstream_contact_age_seconds", bundle="authz") == 30
