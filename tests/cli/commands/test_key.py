"""`verify key generate`: a pair that only its owner can read, and that overwrites nothing."""

import stat

import pytest

from tests.support.command import Terminal, run
from verifier.cli.commands.key import KeyKind
from verifier.publish.keygen import KeyType
from verifier.signatures.keys import load_private_key, load_public_key

pytestmark = pytest.mark.usefixtures("place")


@pytest.mark.parametrize("kind", KeyKind)
def test_every_kind_of_key_is_a_pair(place, kind):
    answer = run("key", "generate", "new", "--type", kind.value, "--no-passphrase")
    assert (answer.status, answer.out) == (0, "")
    private = load_private_key((place / "new").read_bytes(), passphrase=None, where="new")
    public = load_public_key((place / "new.pub").read_bytes(), where="new.pub")
    assert private.public_key() == public
    assert stat.S_IMODE((place / "new").stat().st_mode) == 0o600


def test_the_kinds_offered_are_the_kinds_that_are_made():
    assert [kind.value for kind in KeyKind] == [kind.value for kind in KeyType]


@pytest.mark.parametrize("existing", ["new", "new.pub"])
def test_nothing_is_overwritten_and_no_half_pair_is_left(place, existing):
    (place / existing).write_text("mine")
    answer = run("key", "generate", "new", "--no-passphrase")
    assert (answer.status, (place / existing).read_text()) == (2, "mine")
    assert len({path for path in place.iterdir() if path.name.startswith(("new", ".new"))}) == 1


def test_without_a_passphrase_and_a_terminal_it_is_asked_for_one():
    answer = run("key", "generate", "new")
    assert (answer.status, answer.out) == (2, "")
    assert "--no-passphrase" in answer.err


def typed(monkeypatch, *answers):
    """A person at a terminal, who types these passphrases."""
    waiting = list(answers)

    def answer(prompt):
        following = waiting.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    monkeypatch.setattr("getpass.getpass", answer)
    monkeypatch.setattr("sys.stdin", Terminal())


def test_a_passphrase_is_asked_for_twice(monkeypatch, place):
    typed(monkeypatch, "correct horse", "correct horse")
    assert run("key", "generate", "new").status == 0
    assert b"ENCRYPTED" in (place / "new").read_bytes()
    assert load_private_key((place / "new").read_bytes(), passphrase=b"correct horse", where="new")


def test_a_name_that_is_taken_is_said_before_a_passphrase_is_asked_for(monkeypatch, place):
    (place / "new").write_text("mine")
    typed(monkeypatch)
    assert "not overwritten" in run("key", "generate", "new").err


@pytest.mark.parametrize("answers", [[EOFError()], ["correct horse", EOFError()]])
def test_an_input_that_ends_makes_no_key(monkeypatch, place, answers):
    typed(monkeypatch, *answers)
    answer = run("key", "generate", "new")
    assert (answer.status, "internal.error" in answer.err) == (2, False)
    assert not (place / "new").exists()


def test_two_different_passphrases_make_no_key(monkeypatch, place):
    typed(monkeypatch, "correct horse", "battery staple")
    answer = run("key", "generate", "new")
    assert (answer.status, "differ" in answer.err) == (2, True)
    assert not (place / "new").exists()


@pytest.mark.parametrize("content", ["", "\n", None])
def test_an_empty_or_missing_passphrase_makes_no_key(place, content):
    if content is not None:
        (place / "phrase").write_text(content)
        (place / "phrase").chmod(0o600)
    assert run("key", "generate", "new", "--passphrase-file", "phrase").status == 2
    assert not (place / "new").exists()
