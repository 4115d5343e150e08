"""What a rule is: its sections, each once, and what holds where it has none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.rules import Unheard, artifact_rule
from verifier.core.reading import ReadingMode
from verifier.trust.evaluate import unevaluated
from verifier.trust.kinds import KINDS, kind_in, kinds_with
from verifier.trust.model import ArtifactRule
from verifier.trust.sections.capabilities import CapabilityRule
from verifier.trust.sections.freshness import FreshnessRule
from verifier.trust.sections.mode import ModeRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.table import SECTIONS
from verifier.trust.sections.version import VersionRule, VersionUnchecked

SIGNED = SignatureRule(threshold=1, from_=("a",))
PLAIN = artifact_rule("bundle:authz", SIGNED, VersionUnchecked())
DAY = timedelta(days=1)


def test_a_section_is_asked_for_by_its_kind():
    fresh = artifact_rule("bundle:authz", SIGNED, VersionUnchecked(), freshness=DAY)
    assert FreshnessRule.of(fresh).longest == DAY
    assert FreshnessRule.given(fresh) == FreshnessRule(longest=DAY)
    assert SignatureRule.of(fresh) is SIGNED


def test_a_section_that_a_rule_lacks_has_its_defaults():
    assert FreshnessRule.given(PLAIN) is None
    assert FreshnessRule.of(PLAIN) == FreshnessRule()
    assert ModeRule.of(PLAIN).mode is ReadingMode.STRICT
    with pytest.raises(TypeError, match="deny"):
        CapabilityRule.of(PLAIN)


def test_a_rule_with_another_section_keeps_the_rest():
    fresh = PLAIN.having(FreshnessRule(longest=DAY))
    assert fresh.sections == (*PLAIN.sections, FreshnessRule(longest=DAY))
    fresher = fresh.having(FreshnessRule(longest=2 * DAY))
    assert fresher.sections == (*PLAIN.sections, FreshnessRule(longest=2 * DAY))


@pytest.mark.parametrize(
    "sections",
    [
        (),
        (SIGNED,),
        (VersionRule(order=VersionUnchecked()),),
        (*PLAIN.sections, SIGNED),
        (*PLAIN.sections, ModeRule(), ModeRule(mode=ReadingMode.OPA_COMPAT)),
    ],
)
def test_a_rule_without_signatures_or_version_or_with_a_section_twice_is_never_made(sections):
    with pytest.raises(ValueError, match="each is there once"):
        ArtifactRule(pattern="bundle:authz", sections=sections)


def test_a_section_of_which_nobody_says_that_it_is_judged_denies():
    assert unevaluated(PLAIN) == ()
    assert unevaluated(PLAIN.having(Unheard())) == ("unheard",)


def test_a_section_is_for_every_kind_or_for_those_that_say_so():
    assert kinds_with("freshness") == tuple(KINDS)
    assert kinds_with("capabilities") == ("bundle",)
    assert kind_in("bundle:team-*") == "bundle"


def test_kinds_have_sections_that_there_are():
    assert {name for kind in KINDS.values() for name in kind.sections} <= {row.name for row in SECTIONS}
