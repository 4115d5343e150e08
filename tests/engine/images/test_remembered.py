"""Images against what a ledger remembers: versions that go back, tags that move, platforms that are one release."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace, layer
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW, envelope
from tests.support.stories import VERIFIER, codes, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.value import replace
from verifier.engine.by_verdict import VerdictRequest, verify_verdict
from verifier.formats.intoto.vsa import build_vsa
from verifier.formats.oci.platform import parse_platform
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import check, history, tag_seen
from verifier.ledger.operate import withdraw_digest
from verifier.ledger.sqlite.store import create_ledger, open_ledger
from verifier.trust.sections.tags import TagsRule
from verifier.trust.sections.version import VersionFrom, VersionUnchecked

VERSION = "org.opencontainers.image.version"
LABELLED = VersionFrom(source=f"label:{VERSION}", scheme="semver")
TAGGED = "registry.acme.example/acme/app:{}"
PLATFORMS = ("linux/amd64", "linux/arm64")


class Registry:
    """One repository, whose images have their version as a label and are signed; and a ledger that records."""

    def __init__(self, ledger, **rule):
        self.ledger = ledger
        self.policy = image_policy(**({"version": LABELLED} | rule))

    def made(self, version="1.0.0", content=b"app", *, tag="stable", platforms=()):
        """A place whose tag stands for an image, or for an index of images for `platforms`, and what it stands for."""
        place = MemoryPlace(tag=tag)
        files = [layer({"app": content})]
        run = {"Labels": {VERSION: version}} if version else {}
        if not platforms:
            described = place.image(files, run=run)
            return place.pointing_at(described), described
        images = [place.image([*files, layer({"for": each.encode()})], platform=each, run=run) for each in platforms]
        described = place.index(*images)
        return place.pointing_at(described), described

    def judged(self, version="1.0.0", content=b"app", *, platform=None, policy=None, record=True, about=None, **made):
        place, described = self.made(version, content, **made)
        wish = None if platform is None else ImageWish(platform=parse_platform(platform))
        return judge(
            place,
            signed_statement(about or described),
            policy=policy or self.policy,
            wish=wish,
            ledger=self.ledger,
            record=record,
        )

    def accepts(self, *asked, **more):
        verification = self.judged(*asked, **more)
        assert errors(verification) == []
        check(self.ledger)
        return verification

    def refuses(self, *asked, **more):
        verification = self.judged(*asked, **more)
        assert verification.content is None
        check(self.ledger)
        return errors(verification)


@pytest.fixture
def registry():
    return Registry(MemoryLedger())


@pytest.fixture
def immutable():
    return Registry(MemoryLedger(), tags=TagsRule(moving="immutable"))


class TestVersions:
    def test_a_tag_that_was_moved_back_to_an_older_signed_image_is_a_rollback(self, registry):
        registry.accepts("1.0.0", b"old")
        registry.accepts("1.1.0", b"new")
        assert registry.refuses("1.0.0", b"old") == ["version.rollback"]

    def test_the_same_version_signed_anew_with_other_content_is_equivocation(self, registry):
        registry.accepts("1.0.0", b"old")
        assert registry.refuses("1.0.0", b"other") == ["version.equivocation"]

    def test_an_old_image_under_a_newer_label_of_the_tag_is_relabelled(self):
        registry = Registry(MemoryLedger(), version=VersionFrom(source="tag", scheme="semver"))
        registry.accepts("", b"old", tag="1.0.0")
        registry.accepts("", b"new", tag="1.1.0")
        assert registry.refuses("", b"old", tag="2.0.0") == ["version.relabelled"]

    def test_what_was_withdrawn_stays_out_by_the_digest_of_its_index_or_of_its_platform(self, registry):
        place, index = registry.made("1.0.0", platforms=PLATFORMS)
        for withdrawn in (Digest.parse(index["digest"]), next(iter(map(Digest.parse, place.documents)))):
            registry.ledger = MemoryLedger()
            withdraw_digest(registry.ledger, "image:app", withdrawn, Circumstances(now=NOW))
            assert registry.refuses("1.0.0", platforms=PLATFORMS) == ["version.quarantined"]
            assert registry.refuses("1.0.0", platforms=PLATFORMS, platform="linux/amd64") == ["version.quarantined"]

    def test_what_was_withdrawn_stays_out_where_nothing_is_ordered(self):
        registry = Registry(MemoryLedger(), version=VersionUnchecked())
        place, _ = registry.made("1.0.0", platforms=PLATFORMS)
        withdraw_digest(registry.ledger, "image:app", Digest.parse(next(iter(place.documents))), Circumstances(now=NOW))
        assert registry.refuses("1.0.0", platforms=PLATFORMS, platform="linux/amd64") == ["version.quarantined"]


class TestPlatforms:
    def test_two_platforms_of_one_index_are_one_release(self, registry):
        first = registry.accepts(platforms=PLATFORMS, platform="linux/amd64")
        second = registry.accepts(platforms=PLATFORMS, platform="linux/arm64")
        whole = registry.accepts(platforms=PLATFORMS)
        assert len({each.verdict.subject.digest for each in (first, second, whole)}) == 3
        assert len({event.digest for event in history(registry.ledger)}) == 1
        assert all("image.tag-moved" not in warnings(each.verdict) for each in (first, second, whole))

    def test_a_platform_of_another_index_of_the_same_version_is_equivocation(self, registry):
        registry.accepts(platforms=PLATFORMS, platform="linux/amd64")
        assert registry.refuses(content=b"other", platforms=PLATFORMS, platform="linux/arm64") == [
            "version.equivocation"
        ]

    def test_an_older_index_is_a_rollback_for_each_of_its_platforms(self, registry):
        registry.accepts("1.1.0", platforms=PLATFORMS, platform="linux/amd64")
        assert registry.refuses("1.0.0", platforms=PLATFORMS, platform="linux/arm64") == ["version.rollback"]


class TestTags:
    def test_a_tag_that_moved_is_denied_where_tags_do_not_move(self, immutable):
        immutable.accepts("1.0.0", b"old")
        assert immutable.refuses("1.1.0", b"new") == ["image.tag-moved"]
        assert immutable.refuses("1.1.0", b"new") == ["image.tag-moved"]
        immutable.accepts("1.1.0", b"new", tag="1.1.0")
        assert immutable.refuses("1.1.0", b"new") == ["image.tag-moved"]

    def test_a_tag_that_moved_is_warned_of_elsewhere(self, registry):
        registry.accepts("1.0.0", b"old")
        moved = registry.accepts("1.1.0", b"new")
        (said,) = [each for each in moved.verdict.reasons if each.code == "image.tag-moved"]
        assert "(version 1.0.0)" in said.message
        assert "image.tag-moved" not in warnings(registry.accepts("1.1.0", b"new").verdict)

    def test_each_move_is_told_of_once(self, registry):
        for version, content in (("1.0.0", b"a"), ("1.0.0", b"a"), ("1.1.0", b"b"), ("1.1.0", b"b")):
            registry.accepts(version, content)
        told = [event.tag.after for event in history(registry.ledger) if event.tag is not None]
        assert told == [0, 1]

    def test_a_denied_image_moves_no_tag(self, registry):
        registry.accepts("1.1.0", b"new")
        before = tag_seen(registry.ledger, "image:app", TAGGED.format("stable"))
        registry.refuses("1.0.0", b"old")
        assert tag_seen(registry.ledger, "image:app", TAGGED.format("stable")) == before

    def test_a_tag_is_known_where_nothing_is_ordered(self):
        registry = Registry(MemoryLedger(), version=VersionUnchecked(), tags=TagsRule(moving="immutable"))
        registry.accepts("1.0.0", b"a")
        assert registry.refuses("1.0.0", b"b") == ["image.tag-moved"]

    def test_what_is_only_asked_moves_nothing_and_is_told_all_the_same(self, immutable):
        immutable.accepts("1.0.0", b"old")
        head = immutable.ledger.head()
        assert immutable.refuses("1.1.0", b"new", record=False) == ["image.tag-moved"]
        assert immutable.ledger.head() == head

    @pytest.mark.parametrize("other", ["REGISTRY.acme.example/acme/app", "Registry.Acme.Example/acme/app"])
    def test_a_tag_is_the_same_however_its_registry_is_written(self, immutable, other):
        immutable.accepts("1.0.0", b"old")
        place, described = immutable.made("1.1.0", b"new")
        place.repository = other
        found = judge(place, signed_statement(described), policy=immutable.policy, ledger=immutable.ledger, record=True)
        assert errors(found) == ["image.tag-moved"]

    def test_a_digest_is_no_tag(self, immutable):
        immutable.accepts("1.0.0", b"old", tag=None)
        immutable.accepts("1.1.0", b"new", tag=None)
        assert [event.tag for event in history(immutable.ledger)] == [None, None]

    def test_without_a_ledger_it_is_said_that_the_tag_was_not_compared(self, immutable):
        place, described = immutable.made()
        found = judge(place, signed_statement(described), policy=immutable.policy)
        assert warnings(found.verdict).count("version.unchecked") == 2

    def test_two_platforms_of_an_index_under_one_immutable_tag_are_both_accepted(self, immutable):
        for platform in PLATFORMS:
            immutable.accepts(platforms=PLATFORMS, platform=platform)
        assert immutable.refuses("1.1.0", platforms=PLATFORMS, platform="linux/amd64") == ["image.tag-moved"]

    def test_a_move_that_another_verifier_recorded_meanwhile_is_judged_again(self, immutable):
        class Overtaken:
            """A ledger on which another verifier moves the tag after we have looked."""

            def __init__(self, ledger, overtake):
                self._ledger, self._overtake = ledger, overtake

            def __getattr__(self, name):
                return getattr(self._ledger, name)

            def swap(self, changes):
                overtake, self._overtake = self._overtake, None
                if overtake:
                    overtake()
                return self._ledger.swap(changes)

        other = Registry(immutable.ledger, version=VersionUnchecked(), tags=TagsRule(moving="immutable"))
        mine = Registry(Overtaken(immutable.ledger, lambda: other.accepts("1.0.0", b"a")), version=VersionUnchecked())
        mine.policy = other.policy
        assert errors(mine.judged("1.0.0", b"b")) == ["image.tag-moved"]

    @settings(max_examples=25)
    @given(steps=st.lists(st.tuples(st.sampled_from(("one", "two", None)), st.sampled_from((b"a", b"b"))), max_size=8))
    @pytest.mark.parametrize("moving", ["immutable", "mutable"])
    def test_a_tag_is_what_was_accepted_under_it(self, moving, steps):
        registry, stands = Registry(MemoryLedger(), version=VersionUnchecked(), tags=TagsRule(moving=moving)), {}
        for tag, content in steps:
            verdict = registry.judged("1.0.0", content, tag=tag).verdict
            moved = tag is not None and stands.get(tag, content) != content
            assert ("image.tag-moved" in [each.code for each in verdict.reasons]) == moved
            assert verdict.passed == (moving == "mutable" or not moved)
            if verdict.passed and tag is not None:
                stands[tag] = content
        check(registry.ledger)

    def test_of_many_who_move_an_immutable_tag_at_once_one_is_accepted(self, tmp_path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            registry = Registry(ledger, version=VersionUnchecked(), tags=TagsRule(moving="immutable"))
            with ThreadPoolExecutor(8) as threads:
                contents = [str(number).encode() for number in range(24)]
                answers = list(threads.map(lambda content: errors(registry.judged("1.0.0", content)), contents))
            accepted = {event.tag.digest for event in history(ledger) if event.tag is not None}
            assert (answers.count([]), answers.count(["image.tag-moved"]), len(accepted)) == (1, 23, 1)
            check(ledger)

    def test_of_many_who_move_a_tag_at_once_nobody_overlooks_another(self, tmp_path):
        create_ledger(tmp_path / "ledger.db")
        with open_ledger(tmp_path / "ledger.db") as ledger:
            registry = Registry(ledger, version=VersionUnchecked())
            with ThreadPoolExecutor(8) as threads:
                contents = [str(number).encode() for number in range(24)]
                answers = list(threads.map(lambda content: errors(registry.judged("1.0.0", content)), contents))
            assert answers == [[]] * 24
            check(ledger)


class TestChannels:
    def test_each_channel_of_an_image_is_a_sequence_of_its_own(self, registry):
        stable, edge = (image_policy(version=LABELLED, channel=name) for name in ("stable", "edge"))
        registry.accepts("2.0.0", b"new", policy=edge, tag="edge")
        registry.accepts("1.0.0", b"old", policy=stable, tag="stable")
        assert registry.refuses("1.0.0", b"old", policy=edge, tag="edge") == ["version.rollback"]
        assert [name for name, _ in registry.ledger.scopes().states] == ["image:app@edge", "image:app@stable"]

    def test_what_an_immutable_tag_stands_for_is_known_in_its_channel_alone(self, registry):
        rule = {"version": LABELLED, "tags": TagsRule(moving="immutable")}
        registry.accepts("1.0.0", b"a", policy=image_policy(**rule, channel="edge"))
        registry.accepts("1.1.0", b"b", policy=image_policy(**rule, channel="stable"))
        assert registry.refuses("1.1.0", b"b", policy=image_policy(**rule, channel="edge")) == ["image.tag-moved"]


class TestVerdicts:
    """What somebody else's verdict about one platform is worth beside a ledger that knows its index."""

    @pytest.fixture
    def said(self, registry):
        """Judges the verdict about a platform of a version by the ledger of `registry`."""

        def said(version="1.0.0", content=b"app", platform="linux/arm64"):
            elsewhere = Registry(MemoryLedger())
            verdict = elsewhere.accepts(version, content, platforms=PLATFORMS, platform=platform).verdict
            payload = json.dumps(build_vsa(replace(verdict, verifier_id=VERIFIER))).encode()
            request = VerdictRequest(
                document=Document(name="vsa", content=envelope(payload, "p256")),
                digest=verdict.subject.digest,
                resource_uri=verdict.subject.resource_uri,
                policy=registry.policy,
                now=NOW,
                correlation_id="test",
                kind="image",
                name="app",
                scope="image:app",
                ledger=registry.ledger,
            )
            return codes(verify_verdict(request))

        return said

    def test_a_verdict_about_another_platform_of_what_was_accepted_is_believed(self, registry, said):
        registry.accepts(platforms=PLATFORMS, platform="linux/amd64")
        assert said() == []

    def test_one_about_an_older_or_another_index_is_not(self, registry, said):
        registry.accepts("1.1.0", platforms=PLATFORMS)
        assert said() == ["version.rollback"]
        assert said("1.1.0", b"other") == ["version.equivocation"]

    def test_one_about_what_was_withdrawn_is_not(self, registry, said):
        accepted = registry.accepts(platforms=PLATFORMS, platform="linux/arm64").verdict.subject
        withdraw_digest(registry.ledger, "image:app", accepted.digest, Circumstances(now=NOW))
        assert said() == ["version.quarantined"]
        assert said(platform="linux/amd64") == []
        withdraw_digest(registry.ledger, "image:app", accepted.index, Circumstances(now=NOW))
        assert said(platform="linux/amd64") == ["version.quarantined"]
