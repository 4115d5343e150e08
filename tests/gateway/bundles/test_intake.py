"""What comes in: judged once, judged again when anything changes, and never able to unseat what is good."""

from datetime import timedelta

import pytest

from tests.support.gateway.scene import NEW, OLD, release
from tests.support.material import private_key
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.gateway.bundles import intake as module
from verifier.gateway.bundles.intake import Decided, Intake, Unchanged, Unreached
from verifier.ledger.absent import Unopened
from verifier.ledger.history import history
from verifier.ledger.interface import EventKind
from verifier.ledger.sqlite.store import open_ledger
from verifier.loading.loader import Loader
from verifier.publish.attest import sign_vsa
from verifier.sources.upstream import Access, Fetched
from verifier.trust.load import load_policy

URI = "https://bundles.example.org/authz.tar.gz"
VERDICT = "https://bundles.example.org/authz.vsa.json"


class Upstream:
    """An upstream that has what it is given, and honours validators; it notes what it was asked."""

    reference, place = URI, None

    def __init__(self, content):
        self.content, self.asked, self.failure = content, [], None

    def fetch(self, validator, *, wait=0):
        self.asked.append((validator, wait))
        if self.failure:
            raise self.failure
        current = Digest.of(self.content).value
        return None if validator == current else Fetched(content=self.content, validator=current)

    def close(self):
        pass


class Story:
    """An intake over a real loader and a real ledger."""

    def __init__(self, scene, **settings):
        self.scene, self.upstream, self.documents, self.fetched = scene, Upstream(OLD), {}, []
        self.upstream.reference = settings.get("upstream", URI)
        self.policy = load_policy(scene.folder / "trust.toml")
        self.ledger = open_ledger(scene.ledger)
        self.loader = Loader(self.policy, self.ledger, actor="gateway")
        self.intake = Intake(
            scene.bundle(**({"upstream": URI} | settings)),
            upstream=self.upstream,
            loader=self.loader,
            policy=self.policy,
            ledger=self.ledger,
            clock=scene.clock,
        )

    def take(self, **more):
        return self.intake.take("c", **({"wait": 0} | more))

    def document(self, reference, *, access, **_):
        self.fetched.append((reference, access))
        if reference not in self.documents:
            raise refuse("input.unreachable", reference, "not there")
        return Document(name=reference, content=self.documents[reference])

    def denials(self):
        return [event for event in history(self.ledger) if event.kind is EventKind.DENIED]

    def verdict(self, content, *, holds=timedelta(days=30)):
        """What CI says of `content`."""
        request = Request(
            source=content,
            name="authz",
            policy=self.policy,
            now=self.scene.clock(),
            correlation_id="ci",
            resource_uri=URI,
            verifier_id="https://example.org/verifier",
        )
        verdict = verify_artifact(request).verdict
        return sign_vsa(verdict, key=private_key("p384"), keyid="p384", expires=self.scene.clock() + holds)


@pytest.fixture
def story(scene, monkeypatch):
    stories = []

    def tell(**settings):
        told = Story(scene, **settings)
        monkeypatch.setattr(module, "fetch_document", told.document)
        stories.append(told)
        return told

    yield tell
    for told in stories:
        told.ledger.close()


def codes(taken):
    return [reason.code for reason in taken.verdict.reasons if reason.is_error]


class TestContent:
    def test_what_is_new_is_judged_and_then_unchanged(self, story):
        told = story()
        assert told.take().verdict.passed
        assert told.take() == Unchanged()

    def test_only_what_was_accepted_is_named_to_upstream(self, story):
        told = story()
        told.take()
        told.upstream.content = NEW[:-9]
        told.take()
        told.take(wait=30)
        accepted = Digest.of(OLD).value
        assert told.upstream.asked == [(None, 0), (accepted, 0), (accepted, 30)]

    def test_what_cannot_be_reached_is_neither_accepted_nor_refused(self, story):
        told = story()
        told.take()
        told.upstream.failure = refuse("input.unreachable", URI, "gone")
        taken = told.take()
        assert isinstance(taken, Unreached)
        assert [reason.code for reason in taken.reasons] == ["input.unreachable"]
        assert told.intake.standing("c").verified.content == OLD
        assert told.denials() == []

    def test_an_upstream_that_says_unchanged_to_a_stranger_is_not_believed(self, story):
        told = story()
        told.upstream.fetch = lambda *_, **__: None
        assert [reason.code for reason in told.take().reasons] == ["input.unreachable"]

    def test_what_was_good_and_does_not_stand_is_offered_again(self, story):
        told = story()
        told.take()
        told.scene.quarantine(OLD)
        assert codes(told.take()) == ["version.quarantined"]
        assert told.take().refused is not None


class TestARefusal:
    @pytest.fixture
    def refused(self, story):
        """NEW was accepted, OLD is replayed and refused."""
        told = story()
        told.upstream.content = NEW
        told.take()
        told.upstream.content = OLD
        assert codes(told.take()) == ["version.rollback"]
        return told

    def test_is_not_verified_again_at_every_poll(self, refused):
        for _ in range(10):
            assert refused.take().refused is not None
        assert len(refused.denials()) == 1

    def test_survives_the_good_one_in_between(self, refused):
        for content in (NEW, OLD, NEW, OLD):
            refused.upstream.content = content
            assert isinstance(refused.take(), Unchanged)
        assert len(refused.denials()) == 1

    def test_is_verified_again_after_ever_longer_times(self, refused):
        verified = []
        for minute in range(60 * 6):
            refused.scene.clock.pass_by(minutes=1)
            if isinstance(refused.take(), Decided):
                verified.append(minute + 1)
        assert verified == [1, 3, 7, 15, 31, 63, 123, 183, 243, 303]

    def test_is_verified_again_when_the_ledger_changes(self, refused):
        refused.scene.raise_floor("1.1.0")
        assert set(codes(refused.take())) == {"version.rollback", "version.below-floor"}

    def test_is_verified_again_when_it_is_another_one(self, refused):
        refused.upstream.content = release("1.0.1")
        assert codes(refused.take()) == ["version.rollback"]

    def test_that_could_not_be_decided_is_verified_again_at_once(self, story):
        told = story()
        gone = refuse("ledger.unavailable", "ledger", "gone")
        told.intake._ledger = told.loader._ledger = Unopened(gone)
        assert codes(told.take()) == ["ledger.unavailable"]
        assert isinstance(told.take(), Decided)


class TestEvidence:
    def test_a_verdict_is_fetched_and_counts(self, story):
        told = story(verdict=VERDICT)
        told.documents[VERDICT] = told.verdict(OLD)
        assert told.take().verdict.passed

    def test_without_its_verdict_nothing_new_is_judged(self, story):
        told = story(verdict=VERDICT)
        assert [reason.code for reason in told.take().reasons] == ["input.unreachable"]
        assert list(history(told.ledger)) == []

    def test_with_full_verification_to_fall_back_to_it_is(self, story):
        told = story(verdict=VERDICT, fallback="full")
        assert told.take().verdict.passed

    def test_a_verdict_about_other_bytes_is_refused(self, story):
        told = story(verdict=VERDICT)
        told.documents[VERDICT] = told.verdict(NEW)
        assert "verdict.subject-mismatch" in codes(told.take())

    def test_a_verdict_that_comes_later_is_enough(self, story):
        told = story(verdict=VERDICT)
        told.documents[VERDICT] = told.verdict(NEW)
        told.take()
        told.documents[VERDICT] = told.verdict(OLD)
        assert told.take().verdict.passed

    def test_a_verdict_that_is_renewed_beside_the_same_bytes_counts(self, story):
        told = story(verdict=VERDICT)
        told.documents[VERDICT] = told.verdict(OLD, holds=timedelta(days=1))
        assert told.take().verdict.passed
        told.scene.clock.pass_by(hours=20)
        told.documents[VERDICT] = told.verdict(OLD, holds=timedelta(days=2))
        assert told.take().verdict.passed
        told.scene.clock.pass_by(hours=20)
        assert told.intake.standing("c").verified.content == OLD

    def test_a_verdict_that_has_expired_does_not_stand(self, story):
        told = story(verdict=VERDICT)
        told.documents[VERDICT] = told.verdict(OLD, holds=timedelta(days=1))
        told.take()
        told.scene.clock.pass_by(days=2)
        assert told.intake.standing("c").verified is None
        assert "verdict.expired" in codes(told.take())

    def test_a_level_that_the_verdict_lacks_is_refused(self, story):
        told = story(verdict=VERDICT, levels=("SLSA_BUILD_LEVEL_3",))
        told.documents[VERDICT] = told.verdict(OLD)
        assert "verdict.level-missing" in codes(told.take())


class TestCredentials:
    @pytest.mark.parametrize(
        ("reference", "sent"),
        [
            (VERDICT, True),
            ("https://evil.example.org/authz.vsa.json", False),
            ("http://bundles.example.org/authz.vsa.json", False),
            ("https://bundles.example.org:8443/authz.vsa.json", False),
            ("https://bundles.example.org.evil.example/authz.vsa.json", False),
            ("/srv/authz.vsa.json", False),
        ],
    )
    def test_go_to_the_upstreams_origin_alone(self, story, tmp_path, reference, sent):
        access = Access(bearer_token="secret-token", client_certificate=tmp_path / "c", client_key=tmp_path / "k")
        told = story(verdict=reference, access=access)
        told.take()
        (_, given), *_ = told.fetched
        assert given == (access if sent else Access())

    def test_what_is_not_secret_is_kept(self, story, tmp_path):
        access = Access(username="u", password="p", ca_file=tmp_path / "ca", allow_private=True)
        told = story(verdict="https://other.example.org/v", access=access)
        told.take()
        assert told.fetched[0][1] == replace(access, username=None, password=None)


def test_a_bundle_that_the_policy_does_not_know_is_refused(scene, story):
    text = (scene.folder / "trust.toml").read_text()
    (scene.folder / "trust.toml").write_text(text.replace("bundle:*", "bundle:x").replace('scope = "each-name"', ""))
    assert codes(story().take()) == ["trust.no-policy"]


def test_the_resource_is_the_policys_then_the_upstreams_own(scene, story):
    text = (scene.folder / "trust.toml").read_text()
    (scene.folder / "trust.toml").write_text(text.replace(f'resource_uri = "{URI}"', ""))
    for settings, expected in [({}, URI), ({"resource_uri": "https://x.example"}, "https://x.example")]:
        assert story(**settings).take().verdict.subject.resource_uri == expected
    told = story(upstream=str(scene.folder / "authz.tar.gz"))
    assert told.take().verdict.subject.resource_uri == (scene.folder / "authz.tar.gz").as_uri()
