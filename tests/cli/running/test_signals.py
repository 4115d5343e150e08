"""Signals end a run cleanly: a status that says so, nothing half written, no child left, the ledger sound."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.audit.databases import document, folder_of
from tests.support.command import run
from tests.support.places import ROOT
from tests.support.publishing.releases import VERIFY, recorded, release
from tests.support.running.halted import ended, halted

pytestmark = pytest.mark.usefixtures("place")
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.mark.parametrize("number", STATUS)
def test_a_run_that_is_ended_has_the_status_of_its_signal_and_no_answer(number):
    with halted("verifier.engine.recipe:verify_artifact", "bundle", release(), *VERIFY) as process:
        assert ended(process, number) == (STATUS[number], "", "verify: interrupted\n")


@pytest.mark.parametrize("number", STATUS)
def test_signing_leaves_nothing_half_written(place, number):
    before = sorted(place.rglob("*"))
    sign = ("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz")
    with halted("verifier.files.write:sync_folder", *sign) as process:
        assert ended(process, number)[0] == STATUS[number]
    left = sorted(place.rglob("*"))
    assert [each for each in left if each not in before] in ([], [place / "authz.tar.gz"])


def test_an_earlier_output_stays_whole_where_its_successor_is_interrupted(place):
    earlier = release().read_bytes()
    sign = ("sign", "bundle", "src", "--key", "release", "--out", "authz.tar.gz", "--no-scope")
    with halted("verifier.files.write:_fill", *sign) as process:
        assert ended(process, signal.SIGTERM)[0] == 143
    assert (place / "authz.tar.gz").read_bytes() == earlier
    assert not list(place.glob(".authz*"))


@pytest.mark.parametrize(
    "place_in_it", ["verifier.ledger.sqlite.writing:Writer._append", "verifier.engine.settle:look"]
)
def test_recording_leaves_a_sound_ledger_that_says_nothing_of_it(place_in_it):
    recorded(release("1.0.0"))
    before = run("ledger", "show").out
    newer = release("1.1.0")
    with halted(place_in_it, "bundle", newer, *VERIFY, "--record") as process:
        assert ended(process, signal.SIGINT)[0] == 130
    assert run("ledger", "show").out == before
    assert run("ledger", "check").status == 0
    assert recorded(newer).status == 0


def test_a_second_signal_ends_it_at_once(place):
    """Where the first is being answered: here, while what is half written is taken away."""
    program = (
        "import signal, sys\n"
        "from verifier.cli.running import interrupts\n"
        "interrupts.end_cleanly()\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    signal.pause()\n"
        "except KeyboardInterrupt:\n"
        "    print('cleaning', flush=True)\n"
        "    while True: signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(ROOT)}
    ) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.stdout.readline() == "cleaning\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def test_children_end_with_it(place):
    """The compiler is a program that never answers: it holds a pipe open for as long as it lives."""
    os.mkfifo(place / "alive")
    (place / "bin").mkdir()
    (place / "bin" / "opa").write_text(f'#!/bin/sh\nexec 3>"{place}/alive"\necho here >&3\nexec cat "{place}/never"\n')
    (place / "bin" / "opa").chmod(0o755)
    os.mkfifo(place / "never")
    policy = (
        (place / "trust.toml")
        .read_text()
        .replace('"bundle:authz"]', '"bundle:authz"]\ncapabilities = { deny = ["http.send"] }')
    )
    (place / "trust.toml").write_text(policy)
    bundle = release()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{place}/bin:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", "bundle", bundle, *VERIFY, "--rego-engine", "opa"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    with (place / "alive").open() as alive:
        assert alive.readline() == "here\n"
        process.send_signal(signal.SIGTERM)
        assert alive.read() == ""  # which ends once nobody holds it any more
    process.communicate()
    assert process.returncode == 143


def test_what_a_shell_ignores_stays_ignored():
    """As `nohup` and jobs in the background have it."""
    program = (
        "import signal\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "from verifier.cli.running import interrupts\n"
        "interrupts.end_cleanly()\n"
        "print(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == "True\n"


def test_the_hook_writes_nothing_that_is_half(place):
    bundle = release()
    run("bundle", bundle, *VERIFY, "--record", "--ledger-init", "--verdict-out", "v.json", "--signing-key", "ci")
    load = ("preload", bundle, "--verdict", "v.json", *VERIFY, "--out", "loaded.tar.gz")
    with halted("verifier.files.write:_fill", *load) as process:
        assert ended(process, signal.SIGTERM)[:2] == (143, "")
    assert not Path("loaded.tar.gz").exists()
    assert [each.name for each in place.glob(".loaded*")] == [
        ".loaded.tar.gz.lock"
    ]  # which all who write it take turns by


@pytest.mark.parametrize(
    ("place_in_it", "words", "made"),
    [
        (
            "verifier.audit.database.draft:Draft.finish",
            ("audit", "db", "import", "records", "--db", "osv.db", "--now", "2024-10-12T00:00:00Z"),
            "osv.db",
        ),
        ("verifier.files.write:_fill", ("sbom", "generate", "src", "--kind", "bundle", "--output", "s.json"), "s.json"),
        ("verifier.files.write:_fill", ("key", "generate", "new", "--no-passphrase"), "new"),
        ("verifier.ledger.sqlite.file:make_file", ("ledger", "init"), "ledger.db"),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_whatever_is_made_is_made_whole_or_not_at_all(place, place_in_it, words, made, number):
    folder_of(place / "records", document())
    before = set(place.rglob("*"))
    with halted(place_in_it, *words) as process:
        assert ended(process, number)[0] == STATUS[number]
    left = {each.name for each in set(place.rglob("*")) - before if not each.is_dir()}
    assert made not in left
    assert left <= {f".{made}.lock"}


def test_publishing_into_a_layout_leaves_one_that_is_whole(place):
    bundle = release()
    assert run("publish", bundle, "oci-layout:layout:1").status == 0
    before = (place / "layout" / "index.json").read_bytes()
    newer = release("1.1.0", out="newer.tar.gz")
    with halted("verifier.files.write:write_whole", "publish", newer, "oci-layout:layout:2") as process:
        assert ended(process, signal.SIGTERM)[0] == 143
    assert (place / "layout" / "index.json").read_bytes() == before
    assert run("publish", newer, "oci-layout:layout:2").status == 0
