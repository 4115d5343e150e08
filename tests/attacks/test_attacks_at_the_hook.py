"""Every attack in the catalogue meets the runtime hook: nothing is handed on, nothing moves, the code is the same."""

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import document, opened, require_codes, stage, state_of
from verifier.core.errors import refuse

ATTACKS = catalogue()
ON_ARTIFACTS = [attack for attack in ATTACKS if not attack.is_verdict]
# The hook takes a verdict's greatest age from the policy's rule (tests/runtime), not from an option.
ON_VERDICTS = [attack for attack in ATTACKS if attack.is_verdict and not attack.max_age]
NONE = refuse("input.unreadable", "authz", "nobody has verified it")


def hooked(scene, ledger, verdict, **choices):
    attack = scene.attack
    given = {"name": attack.name, "now": attack.now, "correlation_id": "hook"}
    before = state_of(ledger)
    preloaded = verifier.preload(scene.bundle, verifier.load_policy(scene.policy), verdict, ledger, **given, **choices)
    assert state_of(ledger) == before
    assert preloaded.verified is None
    assert not preloaded.verdict.passed
    return {reason.code for reason in preloaded.verdict.reasons if reason.is_error}


@pytest.mark.parametrize("attack", ON_ARTIFACTS, ids=lambda attack: attack.id)
def test_the_hook_denies_an_artifact_that_it_verifies_itself(attack, tmp_path):
    scene = stage(attack, tmp_path)
    with opened(scene) as ledger:
        beside = [document(path) for path in scene.attestations]
        seen = hooked(scene, ledger, NONE, fallback="full", attestations=beside)
    require_codes(attack, seen)


@pytest.mark.parametrize("attack", ON_ARTIFACTS, ids=lambda attack: attack.id)
def test_the_hook_denies_what_no_verifier_has_allowed(attack, tmp_path):
    scene = stage(attack, tmp_path)
    with opened(scene) as ledger:
        assert hooked(scene, ledger, NONE)


@pytest.mark.parametrize("attack", ON_VERDICTS, ids=lambda attack: attack.id)
def test_the_hook_denies_a_verdict_that_does_not_count(attack, tmp_path):
    scene = stage(attack, tmp_path)
    with opened(scene) as ledger:
        levels = (attack.level,) if attack.level else ()
        seen = hooked(scene, ledger, document(scene.folder / VERDICT), resource_uri=RESOURCE, levels=levels)
    assert set(attack.codes) <= seen
