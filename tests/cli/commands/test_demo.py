"""`verify demo`: it plays to its end, shows every command, and leaves nothing behind."""

import shlex
from pathlib import Path

import pytest

from tests.support.command import run
from verifier.cli.demo.scene import scenes

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "kept"
    return run("demo", "--keep", folder), folder


def test_every_step_ends_as_it_should(played):
    answer, folder = played
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.count("exit status") == len(scenes(folder))
    assert "expected" not in answer.out


def test_every_attack_is_shown_with_its_command_and_denied(played):
    answer, folder = played
    attacks = [step for step in scenes(folder) if step.title.startswith("ATTACK")]
    assert len(attacks) >= 4
    for step in attacks:
        assert step.exit_status == 1
        assert f"$ verify {step.command.partition(' --now')[0]}" in answer.out
        for code in step.codes:
            assert code in answer.out


def test_what_it_kept_can_be_tried_again(played, monkeypatch):
    _, folder = played
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
    for step in scenes(folder):
        if step.title.startswith("ATTACK"):
            assert run(*shlex.split(step.command)).status == step.exit_status


def test_a_folder_that_exists_is_not_touched(place):
    before = sorted(Path().iterdir())
    answer = run("demo", "--keep", place)
    assert (answer.status, answer.out) == (2, "")
    assert sorted(Path().iterdir()) == before
