"""The command `verify agent`, and hooks in processes of their own: as they are used."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from tests.support.loading.agents import publish, url
from tests.support.loading.asking import ASKED, Started, hook
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from verifier.ledger.open import open_ledger_url


def test_what_is_accepted_is_written_for_its_loader(place, running):
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("PASSED  bundle:authz 1.0.0\n")
    assert (place / "out.tar.gz").read_bytes() == (place / "1.0.0.tar.gz").read_bytes()
    assert (place / "out.tar.gz").stat().st_mode & 0o777 == 0o400
    running.saw("agent.decided")


def test_the_usual_way_asks_as_well(place, running):
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz", "--timeout", "10m", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["verdict"] == "PASSED"
    assert (place / "out.tar.gz").read_bytes() == (place / "1.0.0.tar.gz").read_bytes()
    running.saw("agent.decided")


def test_a_replayed_older_bundle_is_denied_and_what_is_loaded_stays(place, running):
    publish(place, "1.1.0")
    assert hook(place, "1.1.0", *ASKED, "--out", "out.tar.gz").returncode == 0
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz")
    assert done.returncode == 1
    assert "version.rollback" in done.stdout
    assert (place / "out.tar.gz").read_bytes() == (place / "1.1.0.tar.gz").read_bytes()


@pytest.mark.parametrize("more", [(), ("--timeout", "10m")], ids=["plain", "usual"])
def test_without_an_agent_the_hook_decides_and_says_so(place, more):
    done = hook(place, "1.0.0", "--agent", "agent.sock", "--out", "out.tar.gz", *more)
    assert done.returncode == 0
    assert "agent.unreachable" in done.stderr
    assert (place / "out.tar.gz").exists()


@pytest.mark.parametrize("more", [(), ("--timeout", "10m")], ids=["plain", "usual"])
def test_where_an_agent_is_required_nothing_is_written_without_one(place, more):
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz", "--exec", "touch", *more, "--", "ran")
    assert done.returncode == 3
    assert "agent.unreachable" in done.stderr
    assert not (place / "out.tar.gz").exists()
    assert not (place / "ran").exists()


@pytest.mark.parametrize("flag", ["--now=2026-11-29T00:00:00Z", "--fallback=full", "--cache=c", "--output=json=r.json"])
def test_what_an_agent_does_not_do_is_done_here_or_refused(place, running, flag):
    done = hook(place, "1.0.0", "--agent", "agent.sock", flag)
    assert "the agent is not asked, because of" in done.stderr
    done = hook(place, "1.0.0", *ASKED, flag)
    assert done.returncode == 2
    assert done.stdout == ""


def test_who_has_the_library_verify_asks_no_agent_that_may_not(place, running):
    done = hook(place, "1.0.0", "--agent", "agent.sock", VERIFY_SIGSTORE="library")
    assert (done.returncode, "because of VERIFY_SIGSTORE" in done.stderr) == (0, True)
    assert hook(place, "1.0.0", *ASKED, VERIFY_SIGSTORE="library").returncode == 2


def test_an_agent_by_the_environment(place, running):
    done = hook(place, "1.0.0", VERIFY_AGENT="agent.sock", VERIFY_AGENT_REQUIRED="1")
    assert (done.returncode, done.stderr) == (0, "")
    running.saw("agent.decided")


def test_the_agent_must_be_named_where_it_is_required(place):
    done = hook(place, "1.0.0", "--agent-required")
    assert done.returncode == 2


PROGRAM = """
import os, sys
held = os.open(sys.argv[1], os.O_RDONLY)
content = b"".join(iter(lambda: os.read(held, 65536), b""))
try:
    os.pwrite(int(os.environ["VERIFIED_FD"]), b"exchanged", 0)
except PermissionError:
    print("sealed", len(content))
"""


@pytest.mark.parametrize("more", [ASKED, (), (*ASKED, "--timeout", "10m")], ids=["plain", "cold", "usual"])
@pytest.mark.usefixtures("running")
class TestExec:
    def test_a_program_is_given_what_was_verified_sealed(self, place, more):
        done = hook(place, "1.0.0", *more, "--exec", sys.executable, "--", "-I", "-c", PROGRAM, "{}")
        size = (place / "1.0.0.tar.gz").stat().st_size
        assert (done.returncode, done.stdout) == (0, f"sealed {size}\n")
        assert done.stderr.startswith("PASSED")

    def test_it_ignores_no_signal_that_python_ignores(self, place, more):
        done = hook(place, "1.0.0", *more, "--exec", "sh", "--", "-c", "grep SigIgn /proc/self/status")
        ignored = int(done.stdout.split()[1], 16)
        assert not ignored & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1))

    def test_its_status_is_the_hooks(self, place, more):
        assert hook(place, "1.0.0", *more, "--exec", "sh", "--", "-c", "exit 42").returncode == 42

    def test_a_denial_runs_nothing(self, place, more):
        (place / "1.0.0.tar.gz").write_bytes(b"another")
        done = hook(place, "1.0.0", *more, "--exec", "touch", "--", "ran")
        assert done.returncode == 1
        assert not (place / "ran").exists()

    def test_a_program_that_is_not_there_is_said(self, place, more):
        done = hook(place, "1.0.0", *more, "--exec", "no-such-program")
        assert done.returncode == 2
        assert "no-such-program" in done.stderr

    def test_nothing_else_is_left_open(self, place, more):
        done = hook(place, "1.0.0", *more, "--exec", "ls", "--", "/proc/self/fd")
        assert len(done.stdout.split()) <= 5  # the streams, the file, and what `ls` reads


class TestTheService:
    def test_it_is_stopped_by_sigterm_and_leaves_no_socket(self, place):
        started = Started(place, "--socket", "agent.sock")
        started.saw("agent.started")
        assert started.end() == 0
        assert not (place / "agent.sock").exists()

    def test_it_reads_everything_anew_upon_sighup(self, place, running):
        running.process.send_signal(signal.SIGHUP)
        running.saw("agent.reloaded")
        (place / "trust.toml").write_text("version = 2")
        running.process.send_signal(signal.SIGHUP)
        assert "trust.toml" in running.saw("agent.reload-refused")["message"]

    def test_a_socket_that_is_handed_over_is_listened_at(self, place):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as made:
            made.bind(str(place / "agent.sock"))
            made.listen()
            started = activated(place, made)
            try:
                started.saw("agent.started")
                assert hook(place, "1.0.0", *ASKED).returncode == 0
            finally:
                assert started.end() == 0
        assert (place / "agent.sock").exists()

    @pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
    def test_one_of_another_kind_is_refused(self, place, kind):
        with socket.socket(socket.AF_UNIX, kind) as made:
            made.bind(str(place / "agent.sock"))
            started = activated(place, made)
            assert started.process.wait(PATIENCE_S) == 2
            started.end()

    def test_without_a_socket_it_does_not_start(self, place):
        started = Started(place)
        assert started.process.wait(PATIENCE_S) == 2
        started.end()

    @pytest.mark.parametrize("option", [("--user", "no such user"), ("--group", "no such group")])
    def test_nobody_is_nobody(self, place, option):
        started = Started(place, "--socket", "agent.sock", *option)
        assert started.process.wait(PATIENCE_S) == 2
        started.end()


class Activated(Started):
    def __init__(self, place, made):
        program = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
            "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        )
        said = ["-m", "verifier", "agent", "--policy", "trust.toml", "--ledger", url(place), "--log-format", "json"]
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(made.fileno()), *said],
            cwd=place,
            env=os.environ | {"PYTHONPATH": str(ROOT), "LISTEN_FDS": "1"},
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=[made.fileno()],
        )
        self.deadline = threading.Timer(PATIENCE_S, self.process.kill)
        self.deadline.start()
        self.log = []


def activated(place, made):
    return Activated(place, made)


def test_a_gateway_may_answer_hooks_beside_what_it_serves(place):
    """It has the policy and the ledger at hand."""
    said = ["--upstream", "1.0.0.tar.gz", "--verdict", "1.0.0.json", "--name", "authz", "--listen", "127.0.0.1:0"]
    gateway = Started(place, *said, "--agent-socket", "agent.sock", command="serve")
    gateway.saw("agent.started")
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz")
    assert (done.returncode, done.stderr) == (0, "")
    assert gateway.end() == 0
    assert not (place / "agent.sock").exists()


def test_a_hook_that_asks_loads_next_to_nothing(place, running):
    """Neither `typing`, `re`, `pathlib` nor `json`, nor anything of a verification: that takes longer than to ask."""
    arguments = [
        "preload",
        "1.0.0.tar.gz",
        "--verdict",
        "1.0.0.json",
        "--policy",
        "trust.toml",
        "--name",
        "authz",
        *ASKED,
    ]
    code = (
        "import os, sys; os._exit = lambda status: print(*sorted(sys.modules), file=sys.stderr) or sys.exit(status);"
        f"sys.argv = ['verify', *{[*arguments, '--ledger', url(place)]}, '--out', 'out'];"
        f"sys.path.append({str(ROOT)!r}); from verifier.cli.entry import run; run()"
    )
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import os, sys; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split()) - set(bare.stdout.split())
    others = {name for name in loaded if not name.startswith("verifier")}
    assert others <= {"_socket", "fcntl", "_signal", "encodings.ascii"}
    assert {name.split(".")[1] for name in loaded if "." in name and name.startswith("verifier")} == {
        "agent",
        "cli",
        "files",
    }
    assert len(loaded) < 30


def test_an_agent_that_is_killed_leaves_a_hook_that_decides(place):
    started = Started(place, "--socket", "agent.sock")
    started.saw("agent.started")
    started.process.kill()
    started.process.wait()
    assert (place / "agent.sock").exists()
    done = hook(place, "1.0.0", "--agent", "agent.sock", "--out", "out.tar.gz")
    assert (done.returncode, "agent.unreachable" in done.stderr) == (0, True)
    again = Started(place, "--socket", "agent.sock")
    again.saw("agent.started")
    assert hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz").returncode == 0
    started.end()
    again.end()
    with open_ledger_url(url(place)) as ledger:
        assert ledger.fetch("bundle:authz").state.mark.version == "1.0.0"
