"""Every attack in the catalogue meets an agent: what a hook denies by itself is never accepted by one that was warm.

The agent's policy is the attack's, its ledger has accepted what the catalogue says, and it has been asked before.
"""

import json
import tempfile
from pathlib import Path

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import document, opened, stage, state_of
from tests.support.loading.agents import agent, ask_about
from verifier.agent.client import Unanswered
from verifier.agent.identity import identity_of
from verifier.agent.judge import ledger_identity
from verifier.core.document import Document
from verifier.core.errors import refuse

NONE = refuse("input.unreadable", "authz", "nobody has verified it")
ATTACKS = [attack for attack in catalogue() if not attack.max_age]


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
        content = scene.bundle.read_bytes() if scene.bundle.is_file() else b""
        beside = verdict.content if isinstance(verdict, Document) else b""
        asked = _asked(scene, resource, levels)
        with agent(Path(folder), policy=scene.policy, ledger=scene.url, clock=lambda: attack.now) as running:
            for _ in range(2):  # it remembers a denial, too
                status, report = _answer(running, asked, content, beside)
                assert status in {1, 3}
                said = json.loads(report)
                assert said["verdict"] == "FAILED"
                if attack.is_verdict and said["reasons"]:
                    errors = {reason["code"] for reason in said["reasons"] if reason["severity"] == "error"}
                    assert errors == {reason.code for reason in cold.reasons if reason.is_error}
        with opened(scene) as ledger:
            assert state_of(ledger) == before


def _answer(running, asked, content, beside):
    """The agent's; where it gives none, the denial of a hook that requires one."""
    try:
        return ask_about(running.socket, asked, content, beside)
    except Unanswered:
        return 3, json.dumps({"verdict": "FAILED", "reasons": []})


def _asked(scene, resource, levels):
    try:
        ledger = ledger_identity(scene.url) or "missing"
    except verifier.ConfigurationError:
        ledger = "missing"
    return [
        ("artifact", str(scene.bundle)),
        ("folder", str(scene.folder)),
        ("name", scene.attack.name),
        ("verdict", str(scene.folder / VERDICT)),
        ("policy", identity_of(str(scene.policy))),
        ("ledger", ledger),
        ("resource-uri", resource),
        ("correlation-id", "warm"),
        ("record", "1"),
        ("format", "json"),
        ("detail", "usual"),
        *(("level", level) for level in levels),
    ]
