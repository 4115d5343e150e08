"""Honest bundles with something changed by chance, beside a real OPA: what we accept it loads, and as we have read it.

`VERIFIER_ROUNDS` tries as many times more; what was found once stands in `FOUND`.
"""

import copy
import json
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.archives.tars import tarball
from tests.support.patience import PATIENCE_S
from tests.support.peers.opa_server import ROUNDS
from tests.support.peers.peers import executable
from tests.support.rego.changed_bundles import bundle
from verifier.core.errors import Refused
from verifier.core.outcome import Passed
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.bundle.capabilities import check_capabilities
from verifier.rego.built_in import BuiltInEngine

pytestmark = [pytest.mark.interop, pytest.mark.rego]
COUNT = 700 * ROUNDS
FOUND = tuple(
    tarball({".manifest": json.dumps(manifest).encode(), **files})
    for manifest, files in (
        ({"roots": ["a%2Fb"]}, {"a%2Fb/data.json": b'{"x": 1}'}),
        ({"roots": ["li%73ts"]}, {"li%73ts/data.json": b"[1]"}),
        ({"roots": ["a"]}, {"m.rego": b"package b\n"}),
        ({"roots": ["a"]}, {"m.rego": b"package a\nx := 1\n", "a/x/data.json": b"{}"}),
        ({"roots": ["a"]}, {"m.rego": b"package a\nb := 1\n", "n.rego": b"package a.b\n"}),
        ({"roots": ["a"]}, {"m.rego": b'package a["b/c"]\nv := 1\n'}),
        ({"roots": ["a/x y"]}, {"m.rego": b'package a["x y"]\nv := 1\n'}),
        ({"roots": [""]}, {"m.rego": b"# nothing\n"}),
        ({"roots": [""]}, {"system/data.json": b"1"}),
        ({"roots": [""]}, {"system/data.json": b'{"bundles": 1}'}),
        ({"roots": ["system"]}, {"system/data.json": b'{"bundles": {"other": {"manifest": {"revision": "9"}}}}'}),
    )
)
"""What was found: each is refused, or read as OPA reads it."""
ONLY_WHEN_ASKED = "produced conflicting values"
"""What OPA loads, and cannot answer: two values of one rule."""


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    """Each bundle that we accept, what we found in its modules, and what OPA says."""
    program = executable("opa", "OPA")
    start = 0 if ROUNDS == 1 else random.SystemRandom().randrange(10**9)
    folder = tmp_path_factory.mktemp("bundles")
    accepted = [each for content in (*FOUND, *(bundle(start + at) for at in range(COUNT))) for each in judged(content)]
    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda each: loaded(program, folder / f"{each[0]}.tar.gz", each[1][0].content), enumerate(accepted)
        )
        return [(*ours, theirs) for ours, theirs in zip(accepted, answers, strict=True)]


def judged(content):
    """The bundle with the rules that it defines, where nothing is wrong with it."""
    try:
        read = read_bundle(content, name="x", resource_uri="")
    except Refused:
        return
    found = BuiltInEngine().analyse(tuple(read.modules))
    if not read.modules or isinstance(check_capabilities(found, deny=(), data=read.data), Passed):
        yield read, frozenset(place for each in found for place in each.rules)


def loaded(program, path: Path, content):
    """OPA's data and manifest, or what it says instead."""
    path.write_bytes(content)
    evaluated = _asked(program, "eval", "--format=json", "--bundle", path, "data")
    if "result" not in evaluated:
        return json.dumps(evaluated)
    return evaluated["result"][0]["expressions"][0]["value"], _asked(program, "inspect", "--format=json", path)


def _asked(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, timeout=PATIENCE_S, check=False)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"said": done.stderr.decode("utf-8", "replace")}


def without(data, rules):
    """The data without what rules give, and without packages that have nothing else."""
    left = copy.deepcopy(data)
    for place in sorted(rules, key=len, reverse=True):
        *above, name = place
        holder = left
        for each in above:
            holder = holder.get(each, {}) if isinstance(holder, dict) else {}
        if isinstance(holder, dict):
            holder.pop(name, None)
    return left


def leaves(value, place=()):
    """Every place with what stands there, where that is no object or an empty one."""
    if not isinstance(value, dict) or not value:
        return {place: json.dumps(value, sort_keys=True)}
    return {at: text for key, member in value.items() for at, text in leaves(member, (*place, key)).items()}


def packages(read):
    return {place for place, text in leaves(read).items() if text == "{}"}


def test_many_are_accepted(cases):
    assert len(cases) > COUNT // 10


def test_what_is_accepted_is_loaded(cases):
    refused = [theirs for *_, theirs in cases if isinstance(theirs, str) and ONLY_WHEN_ASKED not in theirs]
    assert refused == []


def test_the_data_are_the_ones_that_opa_loads(cases):
    for read, rules, theirs in cases:
        if isinstance(theirs, str):
            continue
        ours, has = leaves(dict(read.data)), leaves(without(theirs[0], rules))
        of_modules = {place for place, text in has.items() if text == "{}"}  # packages with nothing but rules
        assert {at: text for at, text in ours.items() if text != "{}"} == {
            at: text for at, text in has.items() if at not in of_modules
        }


def test_the_manifest_is_the_one_that_opa_reads(cases):
    for read, _, theirs in cases:
        if isinstance(theirs, str) or read.manifest is None:
            continue
        manifest = theirs[1].get("manifest", {})
        assert manifest.get("revision", "") == (read.manifest.revision or "")
        assert [root.strip("/") for root in manifest.get("roots", [""])] == list(read.manifest.roots)
