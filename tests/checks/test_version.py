"""Where the version stands, and what the ledger's rules are asked."""

import json
from datetime import timedelta

import pytest

from tests.support.inspections import compared, denials, inspect, reported
from tests.support.ledgers.samples import mark
from tests.support.material import NOW
from tests.support.stories import MODULE, archive, detached, policy, signed
from verifier.archives.pack import pack_members
from verifier.checks.version.check import check
from verifier.core.digest import Digest
from verifier.core.outcome import Passed
from verifier.trust.sections.version import VersionFrom, VersionUnchecked
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange


def reading(source, scheme="semver", *names, **rule):
    return policy(*names, version=VersionFrom(source=source, scheme=scheme), **rule)


def prefixed(prefix="v", scheme="semver"):
    return policy(version=VersionFrom(source="manifest.revision", scheme=scheme, prefix=prefix))


def with_metadata(metadata):
    manifest = json.dumps({"revision": "r", "roots": ["authz"], "metadata": metadata}).encode()
    return signed(pack_members([(".manifest", manifest), ("authz/policy.rego", MODULE)]))


def accepted(version, content=b"other"):
    return ScopeState(revision=1, mark=mark(version, digest=content.decode()))


def version_of(inspection):
    return inspection.candidate.version if inspection.candidate else None


class TestWhereItStands:
    def test_the_manifests_revision(self):
        assert version_of(inspect(signed(archive("1.2.3")))) == "1.2.3"

    @pytest.mark.parametrize(("value", "version"), [("2.0.0", "2.0.0"), (7, "7")])
    def test_a_text_or_a_whole_number_in_the_manifests_metadata(self, value, version):
        inspection = inspect(with_metadata({"build": {"version": value}}), reading("manifest.metadata.build.version"))
        assert version_of(inspection) == version

    @pytest.mark.parametrize("value", [True, None, 1.5, ["1.0.0"], {"x": "1.0.0"}, ""])
    def test_metadata_of_any_other_type_is_no_version(self, value):
        inspection = inspect(with_metadata({"version": value}), reading("manifest.metadata.version"))
        assert denials(check(inspection)) == ["version.missing"]

    @pytest.mark.parametrize("path", ["build", "build.version.more", "other"])
    def test_a_path_that_leads_nowhere_is_no_version(self, path):
        inspection = inspect(with_metadata({"build": {"version": "1.0.0"}}), reading(f"manifest.metadata.{path}"))
        assert denials(check(inspection)) == ["version.missing"]

    def test_a_bundle_without_a_manifest_has_no_version(self):
        inspection = inspect(signed(pack_members([("authz/policy.rego", MODULE)])))
        assert denials(check(inspection)) == ["version.missing"]

    def test_the_signed_time(self):
        inspection = inspect(trust=reading("signed-time", "signed-time"))
        assert version_of(inspection) == "2026-11-21T12:00:00Z"
        assert check(inspection) == Passed()

    def test_what_the_attestations_agree_on(self):
        content = archive()
        both = (detached(content, "ed25519", version="3.0.0"), detached(content, "p384", version="3.0.0"))
        inspection = inspect(content, reading("attestation.version", "semver", "ed25519", "p384"), documents=both)
        assert version_of(inspection) == "3.0.0"

    @pytest.mark.parametrize("other", ["4.0.0", None])
    def test_attestations_that_disagree_state_no_version(self, other):
        content = archive()
        both = (detached(content, "ed25519", version="3.0.0"), detached(content, "p384", version=other))
        inspection = inspect(content, reading("attestation.version", "semver", "ed25519", "p384"), documents=both)
        assert denials(check(inspection)) == ["version.disputed"]

    def test_a_strangers_attestation_states_no_version(self):
        content = signed()
        stranger = detached(content, "p384", version="9.0.0")
        assert denials(check(inspect(content, reading("attestation.version"), documents=(stranger,)))) == [
            "version.missing"
        ]

    @pytest.mark.parametrize("source", ["label:org.example.version", "tag", "annotation:version"])
    def test_a_place_that_bundles_do_not_have_is_no_version(self, source):
        assert denials(check(inspect(trust=reading(source)))) == ["version.missing"]


class TestTheOrder:
    def test_a_first_release_may_come_and_is_called_the_first(self):
        assert reported(compared()) == ["version.first-use"]

    def test_what_a_floor_alone_bounds_is_called_the_first_too(self):
        assert reported(compared(state=ScopeState(revision=1, floor=Floor(version="1.0.0", scheme=Scheme.SEMVER)))) == [
            "version.first-use"
        ]

    def test_a_lower_version_is_a_rollback(self):
        assert denials(compared(state=accepted("1.0.1"))) == ["version.rollback"]

    def test_the_same_version_with_other_content_is_equivocation(self):
        assert denials(compared(state=accepted("1.0.0"))) == ["version.equivocation"]

    def test_what_the_scheme_cannot_read_is_denied(self):
        assert denials(compared(signed(archive("v1")))) == ["version.unorderable"]

    @pytest.mark.parametrize(
        ("rule", "code"),
        [
            ({"floor": "1.0.1"}, "version.below-floor"),
            ({"first_use": "deny"}, "version.first-use-denied"),
            ({"first_use": "require-floor"}, "version.first-use-denied"),
            ({"freshness": timedelta(hours=1)}, "freshness.expired"),
        ],
    )
    def test_every_part_of_the_rule_is_asked(self, rule, code):
        assert denials(compared(signed(now=NOW - timedelta(days=1)), policy(**rule))) == [code]

    def test_a_jump_beyond_the_policys_bound_is_denied(self):
        found = compared(signed(archive("9.0.0")), policy(max_jump="1.20.50"), state=accepted("1.0.0"))
        assert denials(found) == ["version.fast-forward"]

    def test_without_a_ledger_the_floor_binds_and_the_rest_is_said_to_be_unchecked(self):
        assert reported(compared(ledger=False)) == ["version.unchecked"]
        assert "version.below-floor" in denials(compared(trust=policy(floor="2.0.0"), ledger=False))


class TestAPrefix:
    def test_it_is_taken_off_before_anything_is_ordered_or_kept(self):
        inspection = inspect(signed(archive("v1.4.0")), prefixed())
        assert isinstance(check(inspection), Passed)
        assert version_of(inspection) == "1.4.0"

    def test_it_is_demanded_so_that_no_version_has_two_spellings(self):
        outcome = check(inspect(signed(archive("1.4.0")), prefixed()))
        assert denials(outcome) == ["version.unorderable"]
        assert "demands the prefix 'v'" in outcome.reasons[0].message

    @pytest.mark.parametrize("revision", ["V1.4.0", " v1.4.0", "release-1.4.0"])
    def test_another_one_is_not_taken_for_it(self, revision):
        assert denials(check(inspect(signed(archive(revision)), prefixed()))) == ["version.unorderable"]

    @pytest.mark.parametrize("revision", ["v", "vv1.4.0", "v1.4", "v 1.4.0"])
    def test_what_follows_it_is_of_the_scheme(self, revision):
        assert denials(compared(signed(archive(revision)), prefixed())) == ["version.unorderable"]

    def test_a_version_behind_it_and_the_same_without_are_one_to_the_ledger(self):
        found = compared(signed(archive("v1.4.0")), prefixed(), state=accepted("1.4.0"))
        assert denials(found) == ["version.equivocation"]
        assert denials(compared(signed(archive("v1.3.0")), prefixed(), state=accepted("1.4.0"))) == ["version.rollback"]

    def test_without_it_the_refusal_says_what_is_wrong_and_which_line_mends_it(self):
        (reason,) = compared(signed(archive("v1.4.0"))).reasons
        assert reason.code == "version.unorderable"
        assert "leading v" in reason.hint
        assert 'prefix = "v"' in reason.hint


class TestTheUnordered:
    def test_what_is_not_ordered_says_so(self):
        unordered = policy(version=VersionUnchecked())
        assert inspect(trust=unordered).candidate is None
        assert reported(compared(trust=unordered)) == ["version.unchecked"]

    def test_what_is_not_ordered_is_denied_where_the_ledger_has_an_order(self):
        """Without a version the rule that orders would be gone as soon as another policy is used."""
        floored = ScopeState(revision=1, floor=Floor(version="1.0.0", scheme=Scheme.SEMVER))
        withdrawn = VersionRange(lowest="1.0.0", highest="1.0.0", scheme=Scheme.SEMVER)
        ranged = ScopeState(revision=1, quarantined_versions=(withdrawn,))
        for state in (accepted("9.0.0"), floored, ranged):
            outcome = compared(trust=policy(version=VersionUnchecked()), state=state)
            assert denials(outcome) == ["version.unorderable"]
            assert "--version-from" in next(each.hint for each in outcome.reasons if each.is_error)

    def test_quarantined_content_is_denied_all_the_same(self):
        content = signed()
        withdrawn = ScopeState(revision=1, quarantined_digests=(Digest.of(content),))
        found = compared(content, policy(version=VersionUnchecked()), state=withdrawn)
        assert denials(found) == ["version.quarantined"]
