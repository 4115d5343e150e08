"""`--timeout`: the run ends undecided, with a code of its own; nothing is half written, and no child is left.

Time is not waited for: the alarm is sent by the test, where it knows what the command is at.
"""

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.support.command import ask, run
from tests.support.net.servers import server
from tests.support.places import ROOT
from tests.support.publishing.releases import VERIFY, recorded, release
from tests.support.running.halted import ended, halted

pytestmark = pytest.mark.usefixtures("place")
LONG = ("--timeout", "1d")


def test_what_is_not_decided_by_then_is_a_verdict_that_says_so():
    with halted("verifier.engine.recipe:examine", "bundle", release(), *VERIFY, *LONG) as process:
        status, out, err = ended(process, signal.SIGALRM)
    assert (status, err) == (3, "")
    assert out.startswith("FAILED  bundle:authz  (could not be decided)")
    assert "run.timed-out" in out
    assert "within the 1d of --timeout" in " ".join(out.split())


def test_of_several_those_before_it_are_judged_and_those_behind_it_are_not():
    first, second, third = (release(out=f"{name}.tar.gz") for name in "abc")
    policy = ("--key", "release.pub")
    words = ("bundle", first, second, third, *policy, *LONG, "--format", "json")
    with halted("verifier.engine.recipe:examine", *words, call=2) as process:
        status, out, _ = ended(process, signal.SIGALRM)
    rows = [(each["verdict"], each["artifact"]["name"]) for each in json.loads(out)["reports"]]
    assert (status, rows) == (3, [("PASSED", "a"), ("FAILED", "b"), ("FAILED", "c")])


def test_a_denial_before_it_is_still_the_exit_status():
    bad, good = release(key="stranger", out="bad.tar.gz"), release(out="good.tar.gz")
    policy = ("--key", "release.pub")
    with halted("verifier.engine.recipe:examine", "bundle", bad, good, *policy, *LONG, call=2) as process:
        assert ended(process, signal.SIGALRM)[0] == 1


@pytest.mark.parametrize(
    ("place_in_it", "words"),
    [
        ("verifier.publish.sign:sign_bundle", ("sign", "bundle", "src", "--key", "release", "--out", "a.tar.gz")),
        ("verifier.files.write:_fill", ("sign", "bundle", "src", "--key", "release", "--out", "a.tar.gz")),
        ("verifier.files.write:_create", ("ledger", "export", "events.jsonl")),
    ],
)
def test_a_command_without_a_verdict_says_it_on_standard_error_and_writes_nothing(place, place_in_it, words):
    run("ledger", "init")
    before = sorted(place.iterdir())
    with halted(place_in_it, *words, *LONG) as process:
        status, out, err = ended(process, signal.SIGALRM)
    assert (status, out) == (3, "")
    assert "verify: run.timed-out: was not decided within the 1d of --timeout\n  Give it more time" in err
    assert sorted(place.iterdir()) == before


def test_nothing_is_accepted_by_a_recording_that_was_late():
    recorded(release("1.0.0"))
    before = run("ledger", "show").out
    newer = release("1.1.0")
    into = "verifier.ledger.sqlite.writing:Writer._append"
    with halted(into, "bundle", newer, *VERIFY, "--record", *LONG) as process:
        assert ended(process, signal.SIGALRM)[0] == 3
    assert run("ledger", "show").out == before
    assert run("ledger", "check").status == 0


def test_the_hook_denies_and_writes_nothing(place):
    bundle = release()
    run("bundle", bundle, *VERIFY, "--record", "--ledger-init", "--verdict-out", "v.json", "--signing-key", "ci")
    load = ("preload", bundle, "--verdict", "v.json", *VERIFY, "--out", "loaded.tar.gz", *LONG)
    with halted("verifier.files.write:_fill", *load) as process:
        assert ended(process, signal.SIGALRM)[:2] == (3, "")
    assert not (place / "loaded.tar.gz").exists()


def test_a_server_that_never_answers_is_waited_for_no_longer():
    come, there = os.pipe()

    def say(exchange):
        os.write(there, b"!")
        exchange.over()

    with server(say) as running:
        image = f"127.0.0.1:{running.port}/app:1"
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", "image", image, "--key", "release.pub", *LONG],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert os.read(come, 1) == b"!"
        status, out, _ = ended(process, signal.SIGALRM)
    assert (status, "run.timed-out" in out) == (3, True)


def test_a_stream_that_never_ends_is_waited_for_no_longer():
    come, ours = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-m", "verifier", "bundle", "-", *VERIFY, "--timeout", "1s"],
        stdin=come, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        out, err = process.communicate()
    os.close(come)
    os.close(ours)
    assert (process.returncode, out) == (3, "")
    assert "run.timed-out" in err


def test_what_python_cannot_interrupt_is_ended_as_it_is():
    program = (
        "import signal, sys\n"
        "from verifier.cli.running import time_limit\n"
        "time_limit.GRACE_S = 0.0\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n"
        "with time_limit.Running(timeout='1s').bounded():\n"
        "    while True: signal.pause()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)}
    )
    assert (done.returncode, done.stderr.partition(": was")[0]) == (3, "verify: run.timed-out")


def test_children_end_with_it(place):
    os.mkfifo(place / "alive")
    os.mkfifo(place / "never")
    (place / "bin").mkdir()
    (place / "bin" / "opa").write_text(f'#!/bin/sh\nexec 3>"{place}/alive"\necho here >&3\nexec cat "{place}/never"\n')
    (place / "bin" / "opa").chmod(0o755)
    rule = '"bundle:authz"]\ncapabilities = { deny = ["http.send"] }'
    (place / "trust.toml").write_text((place / "trust.toml").read_text().replace('"bundle:authz"]', rule))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{place}/bin:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "verifier", "bundle", release(), *VERIFY, "--rego-engine", "opa", *LONG],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    with (place / "alive").open() as alive:
        assert alive.readline() == "here\n"
        process.send_signal(signal.SIGALRM)
        assert alive.read() == ""
    process.communicate()
    assert process.returncode == 3


@pytest.mark.parametrize("text", ["30", "soon", "0s", "-1s", "1.5s", ""])
def test_what_is_no_time_is_refused(text):
    answer = run("bundle", "a.tar.gz", *VERIFY, f"--timeout={text}")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: --timeout: ")


def test_a_run_that_is_quick_enough_is_the_same_with_it_and_leaves_no_alarm():
    before = signal.getsignal(signal.SIGALRM)
    assert ask("bundle", release(), *VERIFY, "--timeout", "9999w").status == 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
