"""An option that a command would ignore is refused: whoever typed it meant something by it."""

import pytest

from tests.support.command import run

pytestmark = pytest.mark.usefixtures("place")
VERIFY = ("bundle", "missing.tar.gz", "--policy", "trust.toml")
SIGN = ("sign", "bundle", "src", "--key", "release")
PRELOAD = ("preload", "a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml")
QUARANTINE = ("ledger", "quarantine", "bundle:authz", "--reason", "why")


@pytest.mark.parametrize(
    ("arguments", "where", "needed"),
    [
        ((*VERIFY, "--signing-key", "ci"), "--signing-key", "--verdict-out"),
        ((*VERIFY, "--keyless"), "--keyless", "--verdict-out"),
        ((*VERIFY, "--passphrase-file", "phrase"), "--passphrase-file", "--verdict-out"),
        ((*VERIFY, "--verdict-expires", "1d"), "--verdict-expires", "--verdict-out"),
        ((*VERIFY, "--verdict-out", "v.json"), "--verdict-out", "--signing-key or --keyless"),
        (("bundle", "a.tar.gz", "--algorithm", "RS256"), "--algorithm", "--key"),
        ((*SIGN, "--out", "a.tar.gz", "--version", "1.0.0"), "--version", "--detached"),
        ((*SIGN, "--detached", "a.json", "--algorithm", "ES256"), "--algorithm", "--out"),
        ((*SIGN, "--detached", "a.json", "--scope", "write"), "--scope", "--out"),
        ((*PRELOAD, "--attestation", "a.json"), "--attestation", "--fallback full"),
        ((*QUARANTINE, "--digest", f"sha256:{'0' * 64}", "--scheme", "integer"), "--scheme", "--from and --to"),
    ],
)
def test_it_is_named_with_what_it_needs_and_nothing_is_written(place, arguments, where, needed):
    before = sorted(place.iterdir())
    answer = run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: {where}: goes with {needed}\n")
    assert sorted(place.iterdir()) == before


def test_a_key_that_is_not_to_be_encrypted_takes_no_passphrase(place):
    (place / "phrase").write_text("correct horse")
    answer = run("key", "generate", "new", "--no-passphrase", "--passphrase-file", "phrase")
    assert (answer.status, (place / "new").exists()) == (2, False)
    assert "--passphrase-file" in answer.err
