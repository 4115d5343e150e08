"""What lies beside a bundle in its registry, as the gateway takes it: anew with every poll, where it is needed."""

from contextlib import ExitStack

import pytest

from tests.support.gateway.scene import NEW, OLD
from tests.support.images.bundle_registry import BundleRegistry
from tests.support.net.registries import registry
from verifier.gateway.bundles.intake import Decided, Intake, Unchanged, Unreached
from verifier.ledger.sqlite.store import open_ledger
from verifier.loading.cache.store import Cache
from verifier.loading.loader import Loader
from verifier.sources.upstream import Access, open_upstream
from verifier.trust.load import load_policy


@pytest.fixture
def there():
    with registry() as held:
        yield BundleRegistry(held)


class Gateways:
    """Makes intakes over one registry, one ledger and one cache, as a gateway and the one after a restart do."""

    def __init__(self, scene, there, stack):
        self.scene, self.there, self.stack = scene, there, stack
        self.cache = scene.folder / "cache"

    def threshold(self, count):
        path = self.scene.folder / "trust.toml"
        wanted = f'signatures = {{ from = ["p256", "p384"], threshold = {count} }}'
        text = path.read_text()
        path.write_text(text.replace('signatures = { from = ["p256"] }', wanted))
        return self

    def intake(self, **settings):
        policy = load_policy(self.scene.folder / "trust.toml")
        ledger = self.stack.enter_context(open_ledger(self.scene.ledger))
        upstream = open_upstream(self.there.uri, access=Access(), limits=policy.limits)
        self.stack.callback(upstream.close)
        loader = Loader(policy, ledger, actor="gateway", cache=Cache(self.cache))
        return Intake(
            self.scene.bundle(**({"upstream": self.there.uri} | settings)),
            upstream=upstream,
            loader=loader,
            policy=policy,
            ledger=ledger,
            clock=self.scene.clock,
        )


@pytest.fixture
def gateways(scene, there):
    with ExitStack() as stack:
        yield Gateways(scene, there, stack).threshold(2)


def take(intake):
    return intake.take("c", wait=0)


def codes(taken):
    reasons = taken.reasons if isinstance(taken, Unreached) else taken.verdict.reasons
    return [reason.code for reason in reasons if reason.is_error]


def test_signers_inside_and_beside_are_counted_together(gateways, there):
    there.sign(there.lay(OLD), "p384")
    intake = gateways.intake()
    taken = take(intake)
    assert (isinstance(taken, Decided), codes(taken)) == (True, [])
    assert intake.standing("c").verified.content == OLD


def test_a_signature_that_is_attached_later_counts_at_the_next_poll(gateways, there):
    digest = there.lay(OLD)
    intake = gateways.intake()
    assert codes(take(intake)) == ["signature.threshold-not-met"]
    there.sign(digest, "p384")
    assert codes(take(intake)) == []


def test_what_was_refused_is_not_verified_again_while_nothing_is_attached(gateways, there, scene):
    there.lay(OLD)
    intake = gateways.intake()
    take(intake)
    assert isinstance(take(intake), Unchanged)
    there.sign(there.lay(OLD), "ed25519")
    assert isinstance(take(intake), Decided)
    assert isinstance(take(intake), Unchanged)


def test_a_poll_asks_for_the_listing_and_for_nothing_that_it_has(gateways, there):
    there.sign(there.lay(OLD), "p384")
    intake = gateways.intake()
    take(intake)
    there.forget()
    assert isinstance(take(intake), Unchanged)
    assert there.asked == ["manifests 1", "referrers"]


def test_nothing_is_asked_for_beside_where_what_is_inside_suffices(scene, there):
    there.sign(there.lay(OLD), "p384")
    with ExitStack() as stack:
        intake = Gateways(scene, there, stack).intake()
        for _ in range(2):
            take(intake)
    assert there.asked == ["manifests 1", "blobs", "manifests 1"]


def test_an_upstream_that_cannot_list_leaves_what_stands(gateways, there):
    there.sign(there.lay(OLD), "p384")
    intake = gateways.intake()
    take(intake)
    there.failing = 401
    taken = take(intake)
    assert (isinstance(taken, Unreached), codes(taken)) == (True, ["input.unreachable"])
    assert intake.standing("c").verified.content == OLD


def test_a_release_whose_signatures_cannot_be_listed_is_not_taken(gateways, there):
    there.sign(there.lay(OLD), "p384")
    intake = gateways.intake()
    take(intake)
    there.sign(there.lay(NEW), "p384")
    there.failing = 401
    assert isinstance(take(intake), Unreached)
    assert intake.standing("c").verified.content == OLD
    there.failing = 0
    assert codes(take(intake)) == []
    assert intake.standing("c").verified.content == NEW


def test_a_signature_of_the_release_before_is_none_of_the_next(gateways, there):
    first = there.lay(OLD)
    there.sign(first, "p384")
    intake = gateways.intake()
    take(intake)
    second = there.lay(NEW)
    there.listed[second] = there.listed[first]
    assert "attestation.subject-mismatch" in codes(take(intake))
    assert intake.standing("c").verified.content == OLD


def test_what_was_accepted_with_signatures_beside_it_stands_after_a_restart(gateways, there):
    there.sign(there.lay(OLD), "p384")
    take(gateways.intake())
    there.failing = 401
    restarted = gateways.intake()
    assert restarted.standing("c").verified.content == OLD
    assert isinstance(take(restarted), Unreached)


def test_what_takes_over_judges_what_was_accepted_by_the_signatures_that_were_there(gateways, there):
    there.sign(there.lay(OLD), "p384")
    before = gateways.intake()
    take(before)
    there.failing = 401
    assert codes(gateways.intake().adopt(before.accepted, "c")) == []


def test_a_verdict_of_ci_needs_nothing_beside(gateways, there):
    there.sign(there.lay(OLD), "p384")
    intake = gateways.intake(verdict=str(gateways.scene.folder / "nothing.json"))
    assert isinstance(take(intake), Unreached)
    assert "referrers" not in there.asked


def test_more_than_are_read_are_a_refusal_and_no_accident(gateways, there):
    digest = there.lay(OLD)
    for number in range(51):
        there.sign(digest, "ed25519", number=number)
    assert "signature.too-many" in codes(take(gateways.intake()))
