"""The command where the extra "rego" is not installed, or its library does not load: undecided, with what to do."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import verifier
from tests.support.command import run

ROOT = Path(verifier.__file__).parents[1]
ABSENT = "import sys; sys.modules['regopy'] = None\n"
"""As a line of a start-up file that no other one comes before: importing fails as it does where nothing is there."""
UNLOADABLE = "raise OSError('libc.so.6: version `GLIBC_2.34` not found')\n"
RULE = 'version = { from = "manifest.revision", scheme = "semver" }\n'
NO_NETWORK = 'package release\ndeny contains "x" if input.nothing\n'


@pytest.fixture(params=["absent", "unloadable"])
def python(request, tmp_path, monkeypatch):
    """A Python that has everything that this one has but the compiler: in its child process, too.

    Whoever is asked has what the compiler found kept, of other runs as well: here nothing was.
    """
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    environment = tmp_path / "environment"
    venv.create(environment, symlinks=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "everything.pth").write_text("\n".join([str(ROOT), *filter(os.path.isdir, sys.path)]) + "\n")
    if request.param == "absent":
        (packages / "absent.pth").write_text(ABSENT)
    else:
        (packages / "regopy.py").write_text(UNLOADABLE)
    return environment / "bin" / "python"


@pytest.fixture
def bundle(place):
    """A signed bundle of two modules, for whose policy `demand` adds a line."""
    (place / "src" / "authz" / "more.rego").write_text("package authz\nmore := 1\n")
    (place / "release.rego").write_text(NO_NETWORK)
    signed = run("sign", "bundle", "src", "--key", "release", "--keyid", "release", "--out", "authz.tar.gz")
    assert signed.status == 0, signed.err
    return place / "authz.tar.gz"


def demand(place, line):
    policy = place / "trust.toml"
    policy.write_text(policy.read_text().replace(RULE, RULE + line + "\n"))


def verify(python, *arguments):
    command = [python, "-m", "verifier", "bundle", "authz.tar.gz", "--policy", "trust.toml", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('capabilities = { deny = ["http.send"] }', "capability.unanalysed"),
        ('organisation = { rules = ["release.rego"], engine = "embedded" }', "organisation.unevaluated"),
    ],
)
def test_a_policy_that_asks_about_modules_leaves_the_bundle_undecided(python, place, bundle, line, code):
    demand(place, line)
    ended = verify(python, "--format", "json")
    assert ended.returncode == 3, ended.stderr
    errors = [reason for reason in json.loads(ended.stdout)["reasons"] if reason["severity"] == "error"]
    assert {reason["code"] for reason in errors} == {code}
    assert all('extra "rego"' in reason["hint"] and "--rego-engine opa" in reason["hint"] for reason in errors)


def test_a_person_reads_what_to_install(python, place, bundle):
    demand(place, 'capabilities = { deny = ["http.send"] }')
    ended = verify(python)
    assert ended.returncode == 3
    said = " ".join(ended.stdout.split())
    assert "is not installed" in said
    assert 'extra "rego"' in said
    assert "Traceback" not in ended.stdout + ended.stderr


def test_a_policy_that_asks_nothing_about_modules_misses_nothing(python, place, bundle):
    ended = verify(python)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_an_engine_that_was_named_and_is_missing_is_a_warning_where_no_rule_asks(python, place, bundle):
    ended = verify(python, "--rego-engine", "regocpp", "--format", "json")
    assert ended.returncode == 0, ended.stderr
    warnings = [reason["code"] for reason in json.loads(ended.stdout)["reasons"] if reason["severity"] == "warning"]
    assert "bundle.rego-unanalysed" in warnings


def test_the_demo_plays_without_it_and_says_what_it_leaves_out(python, place):
    ended = subprocess.run([python, "-m", "verifier", "demo"], capture_output=True, text=True, check=False, timeout=120)
    assert ended.returncode == 0, ended.stdout
    said, _, played = ended.stdout.partition("── ")
    assert "without capabilities and rules in Rego" in said
    assert 'extra "rego"' in said
    assert "version.rollback" in played
