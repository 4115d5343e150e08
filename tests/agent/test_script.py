"""`verify-ask`, as it is installed: beside an interpreter, with this release in the folder of its packages; and what it
says where nothing can be said, or gone on with."""

import sys
from pathlib import Path

import pytest

from tests.support.loading.asking import ASKED, ask_by, hook
from tests.support.places import ROOT
from verifier.cli.asking.usual import failed, tell


@pytest.fixture
def programs(tmp_path):
    """The folder of an installation's programs."""
    script = ROOT / "verifier" / "cli" / "asking" / "verify-ask"
    made = tmp_path / "bin"
    made.mkdir()
    packages = tmp_path / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "verifier").symlink_to(ROOT / "verifier")
    (made / "python3").symlink_to(Path(sys.executable).resolve())
    (made / "verify-ask").write_bytes(script.read_bytes())
    (made / "verify-ask").chmod(0o755)
    (made / "verify").write_text('#!/bin/sh\necho went on: "$@"\n')
    (made / "verify").chmod(0o755)
    return made


@pytest.mark.usefixtures("running")
def test_it_asks_too_and_leaves_the_rest_to_verify(place, programs):
    begins = [str(programs / "verify-ask"), "preload"]
    done = hook(place, "1.0.0", *ASKED, "--out", "out.tar.gz", begins=begins)
    assert (done.returncode, done.stderr) == (0, "")
    done = hook(place, "1.0.0", "--agent", "nobody.sock", begins=begins)
    assert done.stdout.startswith("went on: preload 1.0.0.tar.gz --verdict")
    assert "--agent" not in done.stdout
    assert hook(place, "1.0.0", "--help", begins=begins).stdout.startswith("went on: preload")


@pytest.mark.parametrize("variable", ["PYTHONIOENCODING", "PYTHONUTF8", "PYTHONCOERCECLOCALE"])
@pytest.mark.usefixtures("running")
def test_a_python_that_is_told_how_to_write_is_left_to_verify(place, programs, variable):
    done = hook(place, "1.0.0", *ASKED, begins=[str(programs / "verify-ask"), "preload"], **{variable: "0"})
    assert done.stdout.startswith("went on: preload 1.0.0.tar.gz")


@pytest.mark.parametrize("verify", ["missing", "no program", "nothing"])
def test_a_verify_that_is_not_there_is_said_and_nothing_is_accepted(place, programs, verify):
    (programs / "verify").unlink()
    if verify != "missing":
        (programs / "verify").write_text("notes")
        (programs / "verify").chmod(0o755 if verify == "nothing" else 0o644)
    begins = [str(programs / "verify-ask"), "preload"]
    done = hook(place, "1.0.0", "--agent", "nobody.sock", begins=begins, PATH="/usr/bin:/bin")
    assert done.returncode not in {0, 1}
    assert "Traceback" not in done.stderr
    assert "verify" in done.stderr


class Full:
    """Standard error on a disk that is full."""

    def write(self, _):
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("stream", [None, Full()], ids=["closed", "full"])
def test_what_nobody_hears_ends_nothing(monkeypatch, stream):
    monkeypatch.setattr(sys, "stderr", stream)
    tell("verify: agent.unreachable")
    assert failed("opa", OSError(2, "No such file or directory")) == 2


def test_a_defect_before_anything_is_loaded_is_said_and_is_no_pass(place):
    code = (
        "import sys; from verifier.cli.asking import plainly; plainly.plain = lambda *_: 1 / 0;"
        "sys.argv = ['verify', 'bundle', '1.0.0.tar.gz', '--agent', 'agent.sock'];"
        "from verifier.cli.entry import run; run()"
    )
    done = ask_by([sys.executable, "-c", code], place)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("verify: internal.error: ZeroDivisionError")
    assert "Traceback" not in done.stderr
