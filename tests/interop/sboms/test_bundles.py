"""Bundles that a real OPA has built, and what it says of its builtins: what SBOMs of bundles are made from."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support import workplace
from tests.support.command import run
from tests.support.peers.peers import executable
from tests.support.rego.compiler import require as require_compiler
from verifier.formats.opa.builtin_since import BUILTIN_SINCE

pytestmark = pytest.mark.interop
place = workplace.place
SAMPLED = ("0.30.1", "0.40.0", "0.47.0", "0.63.0", "0.67.0", "1.8.0", "1.13.0")
POLICY = """package authz

import data.lib

allow if lib.known(input.user)

late if time.now_ns() > data.limits.end
"""
LIBRARY = 'package lib\n\nknown(user) if http.send({"method": "GET", "url": user}).status_code == 200\n'


@pytest.fixture(scope="module")
def opa():
    return executable("opa", "OPA")


@pytest.mark.parametrize("release", SAMPLED)
def test_every_release_has_the_builtins_that_are_said_to_be_there_by_then(opa, release):
    told = subprocess.run([opa, "capabilities", "--version", f"v{release}"], capture_output=True, check=True).stdout
    names = {each["name"] for each in json.loads(told)["builtins"]}
    until = tuple(map(int, release.split(".")))
    assert {name for name, since in BUILTIN_SINCE.items() if tuple(map(int, since.split("."))) <= until} <= names
    assert not {name for name, since in BUILTIN_SINCE.items() if tuple(map(int, since.split("."))) > until} & names


@pytest.mark.parametrize("target", ["rego", "wasm"])
def test_what_opa_builds_is_listed_whole_and_checked_against_itself(opa, place, target):
    require_compiler()
    folder = place / "built"
    for path, content in {"a/policy.rego": POLICY, "lib/net.rego": LIBRARY, "limits/data.json": '{"end": 1}'}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    command = [opa, "build", "-b", "built", "-o", "built.tar.gz", "-r", "2.0.0", "-t", target]
    subprocess.run([*command, *(["-e", "authz/allow"] if target == "wasm" else [])], check=True, cwd=place)
    answer = run("sbom", "generate", "built.tar.gz", "--output", "sbom.json")
    assert answer.status == 0, answer.err
    document = json.loads(Path("sbom.json").read_text())
    assert document["metadata"]["component"]["version"] == "2.0.0"
    files = {each["name"] for each in document["components"] if each["type"] == "file"}
    listed = subprocess.run(["tar", "tzf", "built.tar.gz"], cwd=place, capture_output=True, text=True, check=True)
    assert files == {line.removeprefix("/") for line in listed.stdout.splitlines()}
    words = {each["value"] for each in document["metadata"]["component"]["properties"] if "capability" in each["name"]}
    assert words == {"network", "time"} if target == "rego" else "policy.wasm" in files
    assert run("sbom", "check", "sbom.json", "--against", "built.tar.gz").status == 0
