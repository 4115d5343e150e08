"""The completion scripts: whole, quick, and of plain words only."""

import re
import subprocess
import sys

import pytest

from tests.support.command import run
from tests.support.places import ROOT
from verifier.cli.completion.names import PLAIN
from verifier.cli.completion.scripts import SHELLS, script
from verifier.cli.help.catalogue import catalogue

MEANS_SOMETHING = re.compile(r"[\s'\"\\$`;&|<>(){}*?!#~\[\]]")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script(shell):
    answer = run("completion", shell)
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == script(shell)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_option_and_word_is_in_it(shell):
    text = script(shell)
    assert "@TABLE@" not in text
    assert "@RELEASE@" not in text
    for path, known in catalogue().items():
        assert f"'{path}'" in text
        for taken in known.taken:
            assert all(flag in text for flag in taken.flags)
            assert all(word in text for word in taken.words)


def test_no_word_of_ours_means_anything_to_a_shell():
    for path, known in catalogue().items():
        for word in (*path.split(), *(word for taken in known.taken for word in (*taken.flags, *taken.words))):
            assert not MEANS_SOMETHING.search(word), word


@pytest.mark.parametrize("name", ["a", "bundle:authz", "bundle:authz@stable", "team/authz-1.0+x"])
def test_a_plain_name_is_one(name):
    assert PLAIN.match(name)
    assert not MEANS_SOMETHING.search(name)


@pytest.mark.parametrize(
    "name", ["", "-x", "a b", "a\n", "\n", "a'", "$(x)", "`x`", "a;b", "a|b", "~", "a*", "ä", "a\\"]
)
def test_any_other_is_none(name):
    assert not PLAIN.match(name)


def test_a_shell_is_named_or_told_which_there_are():
    answer = run("completion", "powershell")
    assert (answer.status, "'bash', 'zsh', 'fish'" in answer.err) == (2, True)


def test_a_name_is_asked_for_without_typer_and_what_judges():
    words = ["--complete", "rule", "", "bundle"]
    code = f"import sys; from verifier.cli.main import main; main({words}); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert loaded.isdisjoint({"typer", "verifier.engine.recipe", "verifier.trust.parse", "sqlite3", "socket"})
