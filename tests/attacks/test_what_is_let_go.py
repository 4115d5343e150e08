"""What was denied is let go of at once: an exception that holds itself would keep every byte that it was about, until
Python looks for cycles, which a service that lives for months does seldom."""

import gc

import pytest

import verifier
from fixtures.attacks.catalogue import catalogue
from tests.support.attack_scene import document, opened, stage
from tests.support.material import public_pem
from verifier.cli.main import main
from verifier.ledger.absent import ledger_of

ATTACKS = [attack for attack in catalogue() if not attack.is_verdict]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.id)
def test_a_denial_leaves_no_exception_behind(attack, tmp_path):
    scene = stage(attack, tmp_path)
    policy, beside = verifier.load_policy(scene.policy), [document(path) for path in scene.attestations]
    with opened(scene) as ledger:
        asked = {"name": attack.name, "policy": policy, "ledger": ledger_of(ledger), "now": attack.now}
        verifier.verify(scene.bundle, attestations=beside, **asked)
        left = left_by(lambda: verifier.verify(scene.bundle, attestations=beside, **asked))
    assert [each for each in left if isinstance(each, BaseException)] == []


LINES = [
    ["image", "oci-layout:missing", "--key", "key.pub"],
    ["artifact", "file", "--attestation", "file", "--key", "key.pub"],
    ["artifact", "missing", "--key", "key.pub"],
    ["verdict", "file", "--subject", "file", "--resource-uri", "https://example.org/x", "--key", "key.pub"],
    ["inspect", "missing"],
    ["sbom", "check", "file", "--against", "file"],
]


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:2]))
def test_a_command_leaves_none_either(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"notes\n")
    (tmp_path / "key.pub").write_bytes(public_pem("p256"))
    assert main(line) != 0
    left = left_by(lambda: main(line))
    assert [each for each in left if isinstance(each, BaseException)] == []
    assert "Traceback" not in capsys.readouterr().err


def left_by(call):
    """What only a search for cycles finds after a call."""
    gc.collect()
    gc.disable()
    before = gc.get_debug()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        call()
        gc.collect()
        return list(gc.garbage)
    finally:
        gc.set_debug(before)
        gc.garbage.clear()
        gc.enable()
