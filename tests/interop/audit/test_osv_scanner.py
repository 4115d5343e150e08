"""A thousand pairs of package and version against osv-scanner, offline, with the same records.

Every exactly listed version agrees; every other difference is of a kind that is named and explained here.
"""

import json
import subprocess
import zipfile
from collections import Counter
from hashlib import sha256
from itertools import chain

import pytest

from tests.support.audit.made import package
from tests.support.audit.osv import advisories, genuine
from tests.support.peers.peers import executable
from verifier.audit.matching import Affected, is_live, judge
from verifier.audit.orders import order_of
from verifier.formats.osv.yaml_reading import yaml_tree

pytestmark = [pytest.mark.interop, pytest.mark.corpus]

PAIRS = 1_000
PEP440 = order_of("pypi")


@pytest.fixture(scope="module")
def records():
    return genuine()


@pytest.fixture(scope="module")
def sample(records):
    """Pairs of every kind, the same ones on every machine: those of which the digests come first."""
    by_kind = {}
    for name, about in records.items():
        listed = list(dict.fromkeys(chain.from_iterable(entry.versions for each in about for entry in each.affected)))
        ends = {
            event.version
            for each in about
            for entry in each.affected
            for range_ in entry.ranges
            if range_.type != "GIT"
            for event in range_.events
        } - {"0"}
        for kind, versions in (
            ("listed", listed),
            ("end", ends),
            ("before an end", [f"{each}rc1" for each in ends] + [f"{each}.dev0" for each in ends]),
            ("local", [f"{each}+cu118" for each in listed[::5]]),
            ("respelt", [f"{each}.0" for each in listed[::5]]),
            ("far above", ["9999.1"]),
        ):
            found = by_kind.setdefault(kind, set())
            found.update((name, each) for each in versions if PEP440.key(each) is not None)
    return first({pair for found in by_kind.values() for pair in first(found, PAIRS // 4)}, PAIRS)


def first(pairs, most):
    return sorted(pairs, key=lambda pair: sha256("==".join(pair).encode()).digest())[:most]


@pytest.fixture(scope="module")
def theirs(sample, tmp_path_factory):
    """What osv-scanner says, in one process: (name, version, id)."""
    program = executable("osv-scanner", "OSV_SCANNER")
    room = tmp_path_factory.mktemp("osv-scanner")
    (folder := room / "osv-scanner/PyPI").mkdir(parents=True)
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for path in advisories():
            archive.writestr(f"{path.stem}.json", json.dumps(yaml_tree(path.read_bytes(), subject=path.name)))
    lock = room / "requirements.txt"
    lock.write_text("".join(f"{name}=={version}\n" for name, version in sample))
    done = subprocess.run(
        [program, "scan", "source", "--offline", "-L", f"requirements.txt:{lock}", "--format", "json"],
        env={"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(room), "HOME": str(room), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"found {len(sample)} packages" in done.stderr
    (result,) = json.loads(done.stdout)["results"]
    return {
        (each["package"]["name"], each["package"]["version"], vulnerability["id"])
        for each in result["packages"]
        for vulnerability in each["vulnerabilities"]
    }


@pytest.fixture(scope="module")
def ours(sample, records):
    return {
        (name, version, record.id)
        for name, version in sample
        for record in records[name]
        if is_live(record) and isinstance(judge(record, package(name, version)), Affected)
    }


def explained(record, name, version):
    """Why osv-scanner does not say what is so."""
    (entry,) = record.affected
    if entry.name != name:
        return "name"
    if "+" in version:
        return "local version"
    if any(PEP440.key(each) == PEP440.key(version) for each in entry.versions):
        return "spelling"
    if entry.ranges[0].type == "GIT":
        # It goes no further than a range of commits, and has only the list.
        return "list without it" if entry.versions else "GIT first"
    if meets(entry.ranges):
        return "two ranges meet"
    return "unexplained"


def meets(ranges):
    """Whether one range ends where another begins: at one version it takes events in the order that they stand in."""
    fixed, introduced = (
        {each.version for range_ in ranges for each in range_.events if each.kind == kind}
        for kind in ("fixed", "introduced")
    )
    return bool(fixed & introduced)


def test_nothing_that_osv_scanner_finds_is_missed(ours, theirs):
    assert theirs - ours == set()


def test_every_exactly_listed_version_agrees(ours, theirs, sample, records):
    listed = {
        (name, version, record.id)
        for name, version in sample
        for record in records[name]
        if is_live(record) and record.affected[0].name == name and version in record.affected[0].versions
    }
    assert len(sample) == PAIRS
    assert len(listed) > 500
    assert listed <= theirs
    assert listed <= ours


def test_every_other_difference_is_of_a_kind_that_is_named(ours, theirs, records):
    by_id = {each.id: each for about in records.values() for each in about}
    kinds = Counter(explained(by_id[identifier], name, version) for name, version, identifier in ours - theirs)
    assert kinds.keys() <= {"list without it", "local version", "spelling", "GIT first", "name", "two ranges meet"}
    assert all(kinds[each] for each in ("list without it", "local version", "spelling"))
