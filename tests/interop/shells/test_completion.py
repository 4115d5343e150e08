"""Completion in real shells, typed in a terminal."""

import os
import shutil
import sys
from datetime import UTC, datetime

import pytest

from tests.support.command import run
from tests.support.peers.peers import executable, missing
from tests.support.places import ROOT
from tests.support.shells.terminal import PROMPT, terminal
from verifier.core.version import VERSION
from verifier.ledger.advance import Circumstances
from verifier.ledger.open import create_ledger_url, open_ledger_url
from verifier.ledger.operate import set_floor
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor

pytestmark = pytest.mark.interop

STARTED = {
    "bash": (["--norc", "--noprofile", "-i"], f"PS1='{PROMPT} '; eval \"$(verify completion bash)\""),
    "zsh": (
        ["-f", "-i"],
        f"PS1='{PROMPT} '; autoload -U compinit; compinit -u -D; eval \"$(verify completion zsh)\"",
    ),
    "fish": (
        ["--private", "--no-config"],
        f"function fish_prompt; echo -n '{PROMPT} '; end; set -g fish_autosuggestion_enabled 0;"
        " verify completion fish | source",
    ),
}
HOSTILE = ["$(touch pwned)", "`touch pwned`", "a'b", 'a"b', "a;touch pwned", "a b", "a\\b", "*", "~root", "-x", "a|b"]
POLICY = """\
version = 1
id = "https://example.org/policy"
[artifacts."image:app"]
[artifacts."bundle:team-*"]
[artifacts."bundle:authz"]
[artifacts."bundle:line\\nbundle:zzz"]
"""


@pytest.fixture
def place(tmp_path):
    """A folder with a policy and a ledger, whose names are hostile but for one, and a program `verify`."""
    place = tmp_path / "place"
    place.mkdir()
    rules = "".join(f"[artifacts.{quoted(f'bundle:{name}')}]\n" for name in HOSTILE)
    (place / "trust.toml").write_text(POLICY + rules)
    url = f"sqlite:{place}/ledger.db"
    create_ledger_url(url)
    order = Circumstances(now=datetime.now(UTC), actor="me", comment="why", correlation_id="c")
    with open_ledger_url(url) as ledger:
        for name in ("authz", *HOSTILE):
            set_floor(ledger, f"bundle:{name}", Floor(epoch=0, version="1.0.0", scheme=Scheme.SEMVER), order)
    programs = tmp_path / "programs"
    programs.mkdir()
    program = programs / "verify"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} PYTHONSAFEPATH=1 exec {sys.executable} -m verifier "$@"\n')
    program.chmod(0o755)
    return place


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.fixture(params=STARTED)
def shell(request, place, tmp_path):
    """A terminal with a shell that completes; the folder is `place`."""
    program = shutil.which(request.param) or missing(f"no {request.param} on PATH")
    options, first = STARTED[request.param]
    environment = {
        "HOME": str(tmp_path),
        "PATH": os.pathsep.join((str(tmp_path / "programs"), os.environ["PATH"])),
        "TERM": "screen",
        "LANG": "C.UTF-8",
        "VERIFY_LEDGER": f"sqlite:{place}/ledger.db",
    }
    executable("tmux", "TMUX_PROGRAM")
    with terminal(tmp_path) as made:
        made.name = request.param
        made.start([program, *options], place, environment)
        made.write(f"{first}; verify version")
        made.keys("Enter")
        made.shows(lambda screen: PROMPT in screen.partition(f"verify {VERSION}\n")[2])
        yield made


def completed(shell, typed, wanted):
    """Type that, press Tab: what stands on the line is `wanted`."""
    shell.write(typed)
    shell.keys("Tab")
    shell.shows(lambda screen: screen.splitlines()[-1].rstrip() == f"{PROMPT} {wanted}")
    shell.keys("C-u")
    shell.shows(lambda screen: screen.splitlines()[-1].rstrip() == PROMPT)


def in_vain(shell, typed):
    """Type that, and press Tab: nothing is there to go on with."""
    shell.write(typed)
    shell.shows(lambda screen: screen.rstrip().endswith(typed))
    shell.keys("Tab")
    shell.keys("C-u")
    shell.shows(lambda screen: screen.splitlines()[-1].rstrip() == PROMPT)


def test_commands_options_values_and_files_are_completed(shell):
    completed(shell, "verify bun", "verify bundle")
    completed(shell, "verify ledger quar", "verify ledger quarantine")
    completed(shell, "verify help ledger flo", "verify help ledger floor")
    completed(shell, "verify -q bun", "verify -q bundle")
    completed(shell, "verify bundle x --polic", "verify bundle x --policy")
    completed(shell, "verify bundle x --format jso", "verify bundle x --format json")
    completed(shell, "verify bundle x --format=jso", "verify bundle x --format=json")
    completed(shell, "verify completion fi", "verify completion fish")
    completed(shell, "verify trust check tr", "verify trust check trust.toml")
    completed(shell, "verify bundle --policy=tr", "verify bundle --policy=trust.toml")


def test_names_of_rules_scopes_and_codes_are_completed(shell):
    completed(shell, "verify bundle x --policy trust.toml --name a", "verify bundle x --policy trust.toml --name authz")
    completed(shell, "verify image x --policy=trust.toml --name a", "verify image x --policy=trust.toml --name app")
    completed(shell, "verify ledger show bundle:au", "verify ledger show bundle:authz")
    completed(shell, "verify explain version.rollb", "verify explain version.rollback")


def test_hostile_names_are_not_offered_and_nothing_of_them_is_run(shell, place):
    before = {path.name for path in place.iterdir()}
    completed(shell, "verify ledger show bundle:a", "verify ledger show bundle:authz")
    completed(shell, "verify bundle x --policy trust.toml --name ", "verify bundle x --policy trust.toml --name authz")
    # What stands in open double quotes zsh runs by itself when Tab is pressed, with or without completion.
    open_quotes = () if shell.name == "zsh" else ('"$(touch pwned)',)
    for typed in ("$(touch pwned)", "`touch pwned`", "'$(touch pwned)", *open_quotes):
        in_vain(shell, f"verify bundle --policy {typed} --name a")
    completed(shell, "verify bun", "verify bundle")
    # SQLite's own files beside a ledger that is open are all that may come.
    assert {path.name for path in place.iterdir()} - before <= {"ledger.db-shm", "ledger.db-wal"}


def test_a_hostile_file_is_completed_as_its_shell_quotes_it(shell, place):
    (place / "zz$(touch pwned)'x.toml").write_text("hello")
    shell.write("verify trust check zz")
    shell.keys("Tab")
    shell.shows(lambda screen: "pwned" in screen.splitlines()[-1])
    shell.keys("Enter")
    shell.shows(lambda screen: "verify: error: zz" in screen and screen.splitlines()[-1].rstrip() == PROMPT)
    assert not (place / "pwned").exists()


def test_a_policy_that_is_no_policy_completes_nothing_and_says_nothing(shell, place):
    (place / "broken.toml").write_text("[[[")
    (place / "folder").mkdir()
    for policy in ("broken.toml", "folder", "nowhere.toml", "/dev/zero"):
        in_vain(shell, f"verify bundle x --policy {policy} --name a")
    completed(shell, "verify bun", "verify bundle")
    assert "Traceback" not in shell.screen()
    assert "error" not in shell.screen()


def test_what_is_printed_is_what_the_command_prints():
    for name in STARTED:
        assert "_verify" in run("completion", name).out
