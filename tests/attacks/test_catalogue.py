"""Every attack in the catalogue is denied with its code: through the library, and through the command."""

import json
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import timedelta

import pytest

import verifier
from fixtures.attacks.build import BUILDERS, SUMS, sums
from fixtures.attacks.catalogue import Attack, catalogue
from fixtures.attacks.verdicts import RESOURCE, VERDICT
from tests.support.attack_scene import SCOPE, document, opened, require_codes, stage, state_of
from verifier.cli.main import main
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.core.reasons.table import CATALOGUE
from verifier.ledger.absent import ledger_of
from verifier.trust.effective import rule_digest

ATTACKS = catalogue()
by_id = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)


@by_id
def test_the_library_denies(attack, tmp_path):
    scene = stage(attack, tmp_path)
    with opened(scene) as ledger:
        before = state_of(ledger)
        verdict = _verify_verdict(scene, ledger) if attack.is_verdict else _verify_artifact(scene, ledger)
        assert state_of(ledger) == before
    assert not verdict.passed
    require_codes(attack, {reason.code for reason in verdict.reasons if reason.is_error})
    assert verdict.undecided == (attack.exit == 3)


@by_id
def test_the_command_denies(attack, tmp_path, capsys):
    scene = stage(attack, tmp_path)
    before = _file_state(scene)
    status = main([*scene.command, "--format", "json"])
    answer = capsys.readouterr()
    report = json.loads(answer.out)
    assert (status, report["verdict"]) == (attack.exit, "FAILED")
    require_codes(attack, {reason["code"] for reason in report["reasons"] if reason["severity"] == "error"})
    assert _file_state(scene) == before
    _require_plain(answer.out + answer.err)


@by_id
def test_the_report_for_people_names_the_code_and_is_plain_text(attack, tmp_path, capsys):
    scene = stage(attack, tmp_path)
    assert main(scene.command) == attack.exit
    answer = capsys.readouterr()
    assert answer.out.startswith("FAILED")
    for code in attack.codes:
        assert code in answer.out
    _require_plain(answer.out + answer.err)


IN_A_PROCESS = [
    *("policy-changed-after-signing", "older-release-replayed", "name-with-terminal-escapes", "gzip-cut-off"),
    *("ledger-removed", "verdict-expired"),
    pytest.param("module-calls-out", marks=pytest.mark.rego),
]


@pytest.mark.parametrize("name", IN_A_PROCESS)
def test_a_process_of_its_own_denies(name, tmp_path):
    attack = next(attack for attack in ATTACKS if attack.id == name)
    scene = stage(attack, tmp_path)
    done = subprocess.run([sys.executable, "-m", "verifier", *scene.command], capture_output=True, check=False)
    assert done.returncode == attack.exit
    assert b"Traceback" not in done.stdout + done.stderr
    for code in attack.codes:
        assert code.encode() in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_denied_version_cannot_write_into_the_history_that_people_read(tmp_path, capsys):
    attack = next(attack for attack in ATTACKS if attack.id == "version-with-terminal-escapes")
    scene = stage(attack, tmp_path)
    main(scene.command)
    capsys.readouterr()
    assert main(["ledger", "history", SCOPE, "--ledger", scene.url]) == 0
    shown = capsys.readouterr().out
    assert "version.unorderable" in shown
    _require_plain(shown)


def test_there_is_a_builder_for_every_entry_and_an_entry_for_every_builder():
    assert Counter(attack.id for attack in ATTACKS) == Counter(list(BUILDERS))


def test_what_is_built_is_what_was_catalogued():
    assert sums() == SUMS.read_text()


def test_every_code_is_catalogued_as_one_that_denies():
    codes = {code for attack in ATTACKS for code in attack.codes}
    assert {CATALOGUE[code].severity.value for code in codes} == {"error"}


def test_every_area_has_attacks():
    areas = Counter(attack.area for attack in ATTACKS)
    wanted = {
        "archive",
        "json",
        "yaml",
        "manifest",
        "contents",
        "signature",
        "digest",
        "version",
        "verdict",
        "provenance",
    }
    assert wanted <= set(areas)
    assert min(areas.values()) > 5


def _verify_artifact(scene, ledger):
    if isinstance(ledger, Refused):
        policy = verifier.load_policy(scene.policy)
        request = verifier.Request(
            source=scene.bundle,
            name="authz",
            policy=policy,
            now=scene.attack.now,
            correlation_id="x",
            ledger=ledger_of(ledger),
        )
        return verifier.verify_artifact(request).verdict
    result = verifier.verify(
        scene.bundle,
        name=scene.attack.name,
        policy=verifier.load_policy(scene.policy),
        ledger=ledger_of(ledger),
        record=True,
        attestations=[document(path) for path in scene.attestations],
        now=scene.attack.now,
    )
    assert result.content is None
    return result.verdict


def _verify_verdict(scene, ledger):
    attack: Attack = scene.attack
    policy = verifier.load_policy(scene.policy)
    request = verifier.VerdictRequest(
        document=document(scene.folder / VERDICT),
        digest=Digest.of(scene.bundle.read_bytes()),
        resource_uri=RESOURCE,
        policy=policy,
        name="authz",
        scope="bundle:authz",
        rule_digest=rule_digest(policy, policy.artifacts[0]),
        levels=(attack.level,) if attack.level else (),
        max_age=timedelta(days=int(attack.max_age.removesuffix("d"))) if attack.max_age else None,
        ledger=ledger_of(ledger),
        now=attack.now,
        correlation_id="x",
    )
    return verifier.verify_verdict(request)


def _file_state(scene):
    with opened(scene) as ledger:
        return state_of(ledger)


def _require_plain(text):
    """No control characters, no bidirectional overrides, nothing invisible: what people see is what there is."""
    hidden = [character for character in text if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}]
    assert set(hidden) <= {"\n"}
    assert "Traceback" not in text
    assert "internal.error" not in text
