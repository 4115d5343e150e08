"""Where the project installs: what docs/installing.md says follows from the recorded wheels of what is pinned."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import platforms
from tools.lock_closure import PYTHONS, read_lock
from tools.lock_here import without_wheels

ROOT = Path(__file__).parents[1]
RECORD = platforms.read_record()
RUNTIME = (ROOT / "requirements.lock").read_text()
GLIBC = platforms.FAMILIES[0]


def lacking(part, version, python="3.11", family=GLIBC):
    return platforms.missing(RECORD, part, python, family, version)


def test_the_record_is_of_what_is_pinned():
    pins = read_lock((ROOT / "requirements-dev.lock").read_text())
    assert {name: found["version"] for name, found in RECORD.items()} == {
        name: pin.version for name, pin in pins.items()
    }


def test_everything_that_is_pinned_has_a_wheel():
    assert [name for name, found in RECORD.items() if not found["wheels"]] == []


def test_the_page_shows_the_table():
    assert platforms.page() == platforms.PAGE.read_text()


@pytest.mark.parametrize("python", PYTHONS)
def test_an_older_glibc_lacks_the_rego_compiler_and_nothing_else(python):
    assert lacking("core", "2.17", python) == []
    assert lacking("rego", "2.31", python) == ["regopy"]
    assert lacking("rego", "2.34", python) == []


def test_what_the_tool_cannot_do_without_no_extra_can():
    intel = next(family for family in platforms.FAMILIES if family.title == "macOS, x86_64")
    assert "cryptography" in lacking("core", "15", family=intel)
    assert "cryptography" in lacking("postgres", "15", family=intel)


def test_a_difference_between_pythons_is_shown():
    record = {
        name: found | {"wheels": [tag for tag in found["wheels"] if "cp314" not in tag]}
        for name, found in RECORD.items()
    }
    assert platforms.oldest(record, "rego", GLIBC) == "2.34 (3.11, 3.12, 3.13); no (3.14)"


def accepted_without(*names):
    """Tags that fit a wheel of everything but those."""
    return {tag for name, found in RECORD.items() if name not in names for tag in found["wheels"]} - {
        tag for name in names for tag in RECORD[name]["wheels"]
    }


def test_what_only_an_extra_needs_is_left_out_where_it_has_no_wheel():
    assert set(without_wheels(RUNTIME, RECORD, accepted_without("regopy"))) == {"regopy"}


def test_what_everybody_needs_stays_in_the_lock_wheel_or_not():
    assert "cryptography" not in without_wheels(RUNTIME, RECORD, frozenset())


def test_what_the_record_does_not_know_stays_in_the_lock():
    newer = RUNTIME.replace("regopy==", "regopy==1!")
    assert without_wheels(newer, RECORD, frozenset()) == {}


def lock_here(tmp_path, newest_glibc):
    """What `.ci/venv` installs where pip is told that wheels for a newer glibc do not fit."""
    rule = f"def manylinux_compatible(major, minor, arch): return (major, minor) <= {newest_glibc}\n"
    (tmp_path / "_manylinux.py").write_text(rule)
    command = [sys.executable, "tools/lock_here.py", "requirements.lock"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_on_an_older_glibc_the_rest_of_the_lock_is_installed_and_it_is_said_what_is_not(tmp_path):
    here = lock_here(tmp_path, (2, 28))
    assert set(read_lock(RUNTIME)) - set(read_lock(here.stdout)) == {"regopy"}
    assert here.stderr.startswith("LEFT OUT: regopy ")
    assert 'the extra "rego"' in here.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_where_everything_has_a_wheel_the_lock_is_installed_as_it_stands(tmp_path):
    here = lock_here(tmp_path, (2, 36))
    assert (here.stdout, here.stderr) == (RUNTIME, "")
