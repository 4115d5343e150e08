"""A verdict's version against the ledger: one change, one reason code."""

from dataclasses import replace

import pytest

from tests.support.inspections import denials
from tests.support.ledgers.samples import NOW, mark
from verifier.checks.vsa_version import check_vsa_version
from verifier.core.clock import format_rfc3339
from verifier.core.digest import Digest
from verifier.core.outcome import NotApplicable, Passed
from verifier.formats.intoto.vsa import LedgerPosition, VerdictExtension
from verifier.ledger.view import View
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState, VersionRange

ARTIFACT, SCOPE = Digest.of(b"2.0.0"), "bundle:authz"
CLAIM = VerdictExtension(kind="bundle", name="authz", version="2.0.0", epoch=0, ledger=LedgerPosition(scope=SCOPE))


def judge(state, claim=CLAIM, *, scope=SCOPE, digest=ARTIFACT):
    view = View(state=state, max_time_seen=None)
    return check_vsa_version(claim, view, scope=scope, digest=digest, now=NOW, subject="verdict")


def state(version=None, **fields):
    return ScopeState(revision=1, mark=mark(version) if version else None, **fields)


@pytest.mark.parametrize("accepted", ["1.0.0", "2.0.0"])
def test_a_version_at_or_above_the_mark_passes(accepted):
    assert judge(state(accepted)) == Passed()


def test_a_version_below_the_mark_is_a_replay():
    assert denials(judge(state("2.0.1"))) == ["version.rollback"]


def test_a_verdict_of_an_earlier_epoch_is_a_replay():
    assert denials(judge(ScopeState(revision=1, mark=mark("1.0.0", epoch=1)))) == ["version.rollback"]


def test_the_marks_version_with_other_content_is_equivocation():
    assert denials(judge(state("2.0.0"), digest=Digest.of(b"other"))) == ["version.equivocation"]


@pytest.mark.parametrize("claim", [None, replace(CLAIM, version=None)])
def test_a_verdict_without_a_version_cannot_be_compared(claim):
    assert denials(judge(state("1.0.0"), claim)) == ["version.missing"]


@pytest.mark.parametrize(
    "scope", ["bundle:other", "bundle:authz2", "image:authz", "bundle:other@authz", f"{SCOPE}@edge"]
)
@pytest.mark.parametrize("claim", [CLAIM, replace(CLAIM, ledger=LedgerPosition(scope="bundle:fresh"))])
def test_a_verdict_over_another_scope_than_the_consumers_is_not_compared(scope, claim):
    assert denials(judge(None, claim, scope=scope)) == ["verdict.scope-mismatch"]
    assert denials(judge(state("1.0.0"), claim, scope=scope)) == ["verdict.scope-mismatch"]


def test_a_verdict_over_no_scope_is_compared_with_its_artifacts():
    alone = replace(CLAIM, ledger=None)
    for scope in (SCOPE, f"{SCOPE}@edge"):
        assert judge(state("1.0.0"), alone, scope=scope) == Passed()
        assert denials(judge(state("3.0.0"), alone, scope=scope)) == ["version.rollback"]
    assert denials(judge(state("1.0.0"), alone, scope="bundle:other")) == ["verdict.scope-mismatch"]


@pytest.mark.parametrize("change", [{"epoch": 2**40}, {"version": "latest"}])
def test_what_cannot_be_ordered_is_denied(change):
    assert denials(judge(state("1.0.0"), replace(CLAIM, **change))) == ["version.unorderable"]


def test_a_digest_that_no_ledger_holds_cannot_be_compared():
    other = Digest(algorithm="gce_image_id", value="1")
    assert denials(judge(state("1.0.0"), digest=other)) == ["version.unorderable"]


def test_a_scope_that_was_never_seen_has_nothing_to_compare_with_which_denies():
    assert denials(judge(None)) == ["ledger.scope-unknown"]


def test_a_floor_binds_before_anything_was_accepted():
    floor = Floor(version="3.0.0", scheme=Scheme.SEMVER)
    assert denials(judge(state(floor=floor))) == ["version.below-floor"]


def test_quarantine_binds_before_anything_was_accepted():
    withdrawn = VersionRange(lowest="1.0.0", highest=None, scheme=Scheme.SEMVER)
    assert denials(judge(state(quarantined_versions=(withdrawn,)))) == ["version.quarantined"]
    assert denials(judge(state(quarantined_digests=(ARTIFACT,)))) == ["version.quarantined"]
    assert isinstance(judge(state(quarantined_digests=(Digest.of(b"other"),))), NotApplicable)


def test_where_the_signed_time_is_the_version_it_is_compared_as_one():
    def at(moment):
        return ScopeState(revision=1, mark=mark(format_rfc3339(moment), scheme=Scheme.SIGNED_TIME, digest="2.0.0"))

    claim = replace(CLAIM, version=format_rfc3339(NOW))
    assert judge(at(NOW), claim) == Passed()
    assert denials(judge(at(NOW.replace(hour=13)), claim)) == ["version.rollback"]
    assert denials(judge(at(NOW), replace(CLAIM, version="1.0.0"))) == ["version.unorderable"]
