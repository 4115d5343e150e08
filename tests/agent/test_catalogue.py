"""Every attack in the catalogue meets an agent: what is denied by a process of its own is never accepted by one that
was warm, and where it is judged in full it is denied for the same reasons.

The agent's policy is the attack's, its ledger has accepted what the catalogue says, and it has been asked before.
"""

import json
import tempfile
from pathlib import Path

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import document, opened, require_codes, stage, state_of
from tests.support.loading.agents import agent, ask_about, codes
from verifier.agent import wire
from verifier.agent.client import Unanswered
from verifier.agent.identity import identity_of
from verifier.agent.judge import ledger_identity
from verifier.core.document import Document
from verifier.core.errors import refuse

NONE = refuse("input.unreadable", "authz", "nobody has verified it")
ATTACKS = [attack for attack in catalogue() if not attack.max_age]
IN_FULL = [attack for attack in ATTACKS if not attack.is_verdict]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_nothing_that_is_denied_cold_is_accepted_warm(attack):
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        scene = stage(attack, Path(folder))
        verdict = document(scene.folder / VERDICT) if attack.is_verdict else NONE
        levels = (attack.level,) if attack.level else ()
        resource = RESOURCE if attack.is_verdict else ""
        with opened(scene) as ledger:
            before = state_of(ledger)
            cold = verifier.preload(
                scene.bundle,
                verifier.load_policy(scene.policy),
                verdict,
                ledger,
                name=attack.name,
                resource_uri=resource,
                levels=levels,
                now=attack.now,
                correlation_id="cold",
                record=False,
            ).verdict
        assert not cold.passed
        beside = verdict.content if isinstance(verdict, Document) else b""
        asked = [("by", wire.BY_VERDICT), *_asked(scene, resource), *(("level", level) for level in levels)]
        for report in _reports(scene, asked, beside):
            said = json.loads(report)
            assert said["verdict"] == "FAILED"
            if attack.is_verdict and said["reasons"]:
                assert codes(report) == {reason.code for reason in cold.reasons if reason.is_error}
        with opened(scene) as ledger:
            assert state_of(ledger) == before


@pytest.mark.parametrize("attack", IN_FULL, ids=lambda attack: attack.id)
def test_what_is_judged_in_full_is_denied_for_the_same_reasons(attack):
    with tempfile.TemporaryDirectory(prefix="v") as folder:
        scene = stage(attack, Path(folder))
        with opened(scene) as ledger:
            before = state_of(ledger)
        asked = [("by", wire.IN_FULL), *_asked(scene, "")]
        for report in _reports(scene, asked, *(each.read_bytes() for each in scene.attestations)):
            said = json.loads(report)
            assert said["verdict"] == "FAILED"
            if said["reasons"]:
                require_codes(attack, codes(report))
        with opened(scene) as ledger:
            assert state_of(ledger) == before


def _reports(scene, asked, *beside):
    """What an agent says to a question that is put twice: it remembers a denial, too."""
    content = scene.bundle.read_bytes() if scene.bundle.is_file() else b""
    clock = {"clock": lambda: scene.attack.now}
    with agent(scene.folder, policy=scene.policy, ledger=scene.url, **clock) as running:
        for _ in range(2):
            status, report = _answer(running, asked, content, *beside)
            assert status in {1, 3}
            yield report


def _answer(running, asked, content, *beside):
    """The agent's; where it gives none, the denial of who requires one."""
    try:
        return ask_about(running.socket, asked, content, *beside)
    except Unanswered:
        return 3, json.dumps({"verdict": "FAILED", "reasons": []})


def _asked(scene, resource):
    try:
        ledger = ledger_identity(scene.url) or "missing"
    except verifier.ConfigurationError:
        ledger = "missing"
    return [
        ("kind", "bundle"),
        ("artifact", str(scene.bundle)),
        ("folder", str(scene.folder)),
        ("name", scene.attack.name),
        ("policy", identity_of(str(scene.policy))),
        ("ledger", ledger),
        ("resource-uri", resource),
        ("correlation-id", "warm"),
        ("record", "1"),
        ("format", "json"),
        ("detail", "usual"),
        ("columns", "100"),
        ("colours", "0"),
    ]
