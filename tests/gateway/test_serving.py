"""What clients get: the last good bytes, for as long as they stand, and never what was refused."""

import contextlib
import threading
from functools import partial

import pytest

from tests.support.gateway.scene import NEW, OLD, etag_of, release
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from tests.support.stories import archive
from verifier.core.digest import Digest
from verifier.ledger.interface import EventKind
from verifier.sources.path import PathUpstream

BUNDLE_TYPE = "application/vnd.openpolicyagent.bundles"


@pytest.fixture
def gateway(scene):
    """Serves OLD."""
    scene.publish(OLD)
    with scene.running() as gateway:
        scene.saw("bundle.accepted")
        yield gateway


class TestABundle:
    def test_is_served_byte_for_byte_under_its_digest_with_opas_type(self, gateway):
        answer = gateway.ask()
        assert (answer.status, answer.body) == (200, OLD)
        assert answer.headers["etag"] == etag_of(OLD)
        assert answer.headers["content-type"] == BUNDLE_TYPE
        assert answer.headers["content-length"] == str(len(OLD))

    @pytest.mark.parametrize("condition", ["{}", "W/{}", '"other", {}', "*", " {} ,"])
    def test_is_not_sent_to_who_has_it(self, gateway, condition):
        answer = gateway.ask(If_None_Match=condition.format(etag_of(OLD)))
        assert (answer.status, answer.body) == (304, b"")
        assert (answer.etag, answer.headers["content-type"]) == (etag_of(OLD), BUNDLE_TYPE)

    @pytest.mark.parametrize("condition", ["", '"sha256:00"', "sha256:{}", '"', '{} "', "W/", '"a"b, {}'])
    def test_is_sent_to_who_has_something_else_or_cannot_say_what(self, gateway, condition):
        bare = etag_of(OLD).strip('"') if condition == "sha256:{}" else etag_of(OLD)
        assert gateway.ask(If_None_Match=condition.format(bare)).status == 200

    def test_is_described_to_head(self, gateway):
        answer = gateway.ask(method="HEAD")
        assert (answer.status, answer.body, answer.etag) == (200, b"", etag_of(OLD))
        assert answer.headers["content-length"] == str(len(OLD))

    def test_is_found_whatever_the_query(self, gateway):
        assert gateway.ask("/bundles/authz?revision=9").body == OLD

    def test_that_is_newer_takes_its_place(self, scene, gateway):
        scene.publish(NEW)
        scene.saw("bundle.served", version="1.1.0")
        answer = gateway.ask(If_None_Match=etag_of(OLD))
        assert (answer.status, answer.body) == (200, NEW)

    def test_is_delivered_under_the_correlation_id_of_its_client(self, scene, gateway):
        answer = gateway.ask(X_Correlation_Id="opa-7")
        delivered = scene.saw("bundle.delivered")
        assert (answer.status, delivered.correlation_id) == (200, "opa-7")
        assert delivered.facts["digest"] == f"sha256:{Digest.of(OLD).value}"


class TestWhatIsRefused:
    @pytest.fixture
    def gateway(self, scene):
        """Serves NEW."""
        scene.publish(NEW)
        with scene.running() as gateway:
            scene.saw("bundle.served")
            yield gateway

    def test_a_replayed_older_bundle_is_never_served(self, scene, gateway):
        scene.publish(OLD)
        refused = scene.saw("bundle.refused")
        assert (refused.facts["codes"], refused.facts["version"]) == (["version.rollback"], "1.0.0")
        assert gateway.ask().body == NEW
        assert gateway.ask(If_None_Match=etag_of(OLD)).body == NEW

    def test_a_refusal_is_shown_while_the_last_good_is_served(self, scene, gateway):
        scene.publish(OLD)
        scene.saw("bundle.refused")
        status = gateway.status()
        assert (status["state"], status["version"], status["refusing"]) == ("serving", "1.1.0", True)
        assert [each["code"] for each in status["lastRefusal"]["reasons"]] == ["version.rollback"]
        assert scene.metric("verifier_gateway_decisions_total", bundle="authz", code="version.rollback") == 1

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (archive("2.0.0"), "signature.missing"),
            (NEW[:-9], "archive.truncated"),
            (b"not a bundle", "archive.not-gzip"),
            (release("1.1.0+rebuilt"), "version.equivocation"),
        ],
        ids=["unsigned", "cut-off", "garbage", "equivocation"],
    )
    def test_bad_content_from_upstream_changes_nothing_for_clients(self, scene, gateway, content, code):
        scene.publish(content)
        assert code in scene.saw("bundle.refused").facts["codes"]
        assert gateway.ask().body == NEW

    def test_an_upstream_that_flips_between_two_is_harmless(self, scene, gateway):
        for content, outcome in ((OLD, "still_refused"), (NEW, "unchanged")) * 2:
            asked = partial(scene.metric, "verifier_gateway_refreshes_total", bundle="authz", outcome=outcome)
            before = asked()
            scene.publish(content)
            gateway.until(lambda before=before, asked=asked: asked() > before + 2)
            assert gateway.ask().body == NEW
        assert scene.metric("verifier_gateway_decisions_total", bundle="authz", code="version.rollback") == 1
        assert scene.metric("verifier_gateway_refreshes_total", bundle="authz", outcome="still_refused") > 3

    def test_a_refusal_that_comes_again_at_each_poll_is_told_once_and_counted(self, scene, gateway):
        scene.publish(OLD)
        scene.saw("bundle.refused")
        asked = partial(scene.metric, "verifier_gateway_refreshes_total", bundle="authz", outcome="still_refused")
        gateway.until(lambda: asked() > 3)
        scene.publish(NEW)
        told = [scene.events.get(timeout=PATIENCE_S)]
        while told[-1].name != "bundle.recovered":
            told.append(scene.events.get(timeout=PATIENCE_S))
        assert "bundle.refused" not in [each.name for each in told]
        assert told[-1].facts["repeats"] > 3

    @pytest.mark.usefixtures("gateway")
    def test_an_upstream_that_answers_again_is_told_of(self, scene):
        (scene.folder / "authz.tar.gz").unlink()
        scene.saw("bundle.unreached")
        scene.publish(NEW)
        assert scene.saw("bundle.reached").facts["failures"] >= 1

    def test_an_upstream_that_is_gone_changes_nothing_for_clients(self, scene, gateway):
        (scene.folder / "authz.tar.gz").unlink()
        assert scene.saw("bundle.unreached").facts["codes"] == ["input.unreadable"]
        assert gateway.ask().body == NEW
        scene.publish(release("1.2.0"))
        scene.saw("bundle.served", version="1.2.0")


class TestWhatDoesNotStandAnyMore:
    def test_a_quarantined_bundle_is_withheld_at_the_next_request(self, scene, gateway):
        scene.quarantine(OLD)
        answer = gateway.ask(If_None_Match=etag_of(OLD))
        assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
        assert "version.quarantined" in answer.codes
        assert scene.saw("bundle.withheld").facts["codes"] == ["version.quarantined"]

    def test_a_raised_floor_withholds_what_lies_below(self, scene, gateway):
        scene.raise_floor("1.0.5")
        assert gateway.ask().codes == ["version.below-floor"]

    def test_a_refusal_says_why_to_programs(self, scene, gateway):
        scene.quarantine(OLD)
        answer = gateway.ask(X_Correlation_Id="opa-8")
        problem = answer.json
        assert (problem["status"], problem["correlationId"], problem["bundle"]) == (503, "opa-8", "authz")
        assert problem["reasons"][0]["hint"]
        assert answer.headers["x-correlation-id"] == "opa-8"
        assert "etag" not in answer.headers

    def test_what_has_grown_stale_is_withheld(self, scene):
        scene.trust('freshness = "7d"')
        scene.publish(OLD)
        with scene.running() as gateway:
            scene.saw("bundle.served")
            scene.clock.pass_by(days=8)
            assert "freshness.expired" in gateway.ask().codes


class TestNothing:
    def test_is_served_where_nothing_was_ever_accepted(self, scene):
        scene.publish(archive())
        with scene.running() as gateway:
            scene.saw("bundle.refused")
            answer = gateway.ask(If_None_Match="*")
            assert (answer.status, answer.codes[0]) == (503, "delivery.nothing-accepted")
            assert "signature.missing" in answer.codes

    def test_is_served_without_a_ledger_until_there_is_one_again(self, scene, monkeypatch):
        monkeypatch.setattr("verifier.gateway.server.REOPEN_S", 0.02)
        scene.publish(OLD)
        away = scene.ledger.with_suffix(".away")
        scene.ledger.rename(away)
        with scene.running() as gateway:
            scene.saw("bundle.refused")
            assert "ledger.unavailable" in gateway.ask().codes
            assert not gateway.ask("/status").json["ledger"]["usable"]
            away.rename(scene.ledger)
            scene.saw("gateway.ledger-reopened")
            scene.saw("bundle.served")
            assert gateway.ask().body == OLD

    def test_is_recorded_twice_of_what_stays_the_same(self, scene, gateway):
        for _ in range(20):
            gateway.ask()
        assert [event.kind for event in scene.history()] == [EventKind.ACCEPTED]


@contextlib.contextmanager
def freeing(event):
    """Whoever waits for the event waits no longer than this block."""
    try:
        yield
    finally:
        event.set()


class TestSeveralBundles:
    def test_are_served_each_by_its_own_path(self, scene):
        scene.publish(OLD)
        scene.publish(NEW, "other")
        with scene.running(scene.bundle(), scene.bundle("other")) as gateway:
            gateway.until(lambda: gateway.ask("/readyz").status == 200)
            assert (gateway.ask().body, gateway.ask("/bundles/other").body) == (OLD, NEW)

    def test_do_not_wait_for_one_whose_upstream_is_stuck(self, scene, monkeypatch):
        stuck, free = threading.Event(), threading.Event()
        original = PathUpstream.fetch

        def stalling(self, validator, *, wait=0):
            if "stuck" in self.reference:
                stuck.set()
                free.wait(FOR_EVER_S)
            return original(self, validator, wait=wait)

        monkeypatch.setattr(PathUpstream, "fetch", stalling)
        scene.publish(OLD)
        scene.publish(OLD, "stuck")
        with scene.running(scene.bundle("stuck"), scene.bundle()) as gateway, freeing(free):
            assert stuck.wait(PATIENCE_S)
            scene.saw("bundle.served", bundle="authz")
            scene.publish(NEW)
            scene.saw("bundle.served", version="1.1.0")
            assert (gateway.ask().body, gateway.ask("/bundles/stuck").status) == (NEW, 503)


class TestPathsAndMethods:
    @pytest.mark.parametrize(
        "path",
        [
            "/bundles/other",
            "/bundles/",
            "/bundles/authz/",
            "/bundles/../bundles/authz",
            "//bundles/authz",
            "/etc/passwd",
            "/bundles/authz%00",
            "/bundles/%2e%2e/authz",
            "/bundles/AUTHZ",
            "/bundles/authz;x",
            "/bundles\\authz",
        ],
    )
    def test_what_is_not_there_is_a_problem_without_secrets(self, gateway, path):
        answer = gateway.ask(path)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
    def test_other_methods_are_refused(self, gateway, method):
        answer = gateway.ask(method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")

    @pytest.mark.parametrize(
        "framing", [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"]
    )
    def test_a_body_is_refused_unread(self, gateway, framing):
        answer = gateway.raw(b"GET /bundles/authz HTTP/1.1\r\nHost: x\r\n" + framing)
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"\r\nconnection: close\r\n" in answer

    def test_a_name_in_the_path_cannot_write_into_the_answer(self, gateway):
        answer = gateway.ask("/<script>alert(1)</script>")
        assert (answer.status, b"<script>" in answer.body) == (404, False)
