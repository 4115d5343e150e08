"""The project's own image, built by a real buildah: what is in it, that it works, and that its policy accepts it."""

import json
import shutil
import subprocess
import sys

import pytest

from tests.support.packaging.container import built, inside
from tests.support.places import ROOT

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    room = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", room, ROOT], check=True)
    (found,) = room.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def layout(tmp_path_factory, wheel):
    return built(tmp_path_factory.mktemp("image"), wheel)


@pytest.fixture(scope="module")
def released(tmp_path_factory, layout):
    """A folder with the project's policy for its image, a release key, and the image, signed with it."""
    room = tmp_path_factory.mktemp("released")
    shutil.copy(ROOT / "policies/image.toml", room)
    (room / "keys").mkdir()
    verify(room, "key", "generate", "keys/release", "--no-passphrase")
    verify(room, "ledger", "init", "--ledger", "sqlite:ledger.db")
    sign(room, layout, "0.1.0")
    return room


def sign(room, layout, version):
    signed = ("--key", "keys/release", "--name", "verifier", "--version", version, "--out", f"{version}.json")
    verify(room, "sign", "image", f"oci-layout:{layout}:0.1.0", *signed)


def verify(room, *arguments, status=0):
    ran = subprocess.run(
        [sys.executable, "-m", "verifier", *arguments], cwd=room, capture_output=True, text=True, check=False
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    return ran.stdout


def judged(room, layout, version, *, status=0):
    return json.loads(
        verify(
            *(room, "image", f"oci-layout:{layout}:0.1.0", "--policy", "image.toml", "--name", "verifier"),
            *("--attestation", f"{version}.json", "--record", "--ledger", "sqlite:ledger.db", "--format", "json"),
            status=status,
        )
    )


def test_its_own_policy_accepts_it(released, layout):
    report = judged(released, layout, "0.1.0")
    assert (report["verdict"], report["artifact"]["version"]) == ("PASSED", "0.1.0")
    assert [each["code"] for each in report["reasons"] if each["severity"] == "error"] == []


def test_and_refuses_it_as_an_older_release(released, layout):
    judged(released, layout, "0.1.0")
    sign(released, layout, "0.0.9")
    codes = {each["code"] for each in judged(released, layout, "0.0.9", status=1)["reasons"]}
    assert "version.rollback" in codes or "version.relabelled" in codes


def test_it_runs_as_nobody_and_says_what_it_is(layout):
    assert inside("/opt/verifier/bin/verify", "--version").startswith("verify 0.1.0")
    assert inside("/opt/verifier/bin/python", "-c", "import os; print(os.getuid())").strip() == "65532"


def test_each_extra_that_it_promises_can_be_loaded(layout):
    names = "regopy, psycopg, uvicorn, starlette, cyclonedx, lxml.etree, sigstore.models, ssl, sqlite3"
    assert inside("/opt/verifier/bin/python", "-c", f"import {names}; print('loaded')").strip() == "loaded"


def test_the_whole_story_of_the_demo_ends_well_in_it(layout):
    assert "each ended as it should" in inside("/opt/verifier/bin/verify", "demo")


def test_the_packages_that_are_in_it_are_listed(layout, tmp_path):
    verify(tmp_path, "sbom", "generate", f"oci-layout:{layout}:0.1.0", "--output", "image.cdx.json")
    listed = json.loads((tmp_path / "image.cdx.json").read_text())["components"]
    names = {each["name"] for each in listed}
    assert {"libc6", "libpython3.11-stdlib", "cryptography", "policy-verifier"} <= names
    assert {"apt", "bash", "pip", "setuptools"}.isdisjoint(names)
