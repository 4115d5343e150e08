"""A verdict that calls a bundle otherwise than it calls itself."""

import gzip
import io
import json
import tarfile
from dataclasses import replace

import pytest

from verifier.archives.pack import pack_members
from verifier.core.limits import DEFAULT_LIMITS
from verifier.loading.own_version import version_inside

MANIFEST = {"revision": "1.0.0", "roots": ["a"], "metadata": {"release": {"number": 7}, "flag": True}}


def bundle(manifest=MANIFEST, *before):
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    return pack_members([*before, (".manifest", content), ("a/policy.rego", b"package a\n" * 5_000)])


def inside(content, source="manifest.revision", limits=DEFAULT_LIMITS):
    return version_inside(content, source, limits=limits)


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ("manifest.revision", "1.0.0"),
        ("manifest.metadata.release.number", "7"),
        ("manifest.metadata.flag", None),
        ("manifest.metadata.release", None),
        ("manifest.metadata.no.such", None),
        ("attestation.version", None),
        ("signed-time", None),
    ],
)
def test_it_is_what_stands_where_the_rule_says(source, version):
    assert inside(bundle(), source) == version


def test_it_is_found_behind_other_files_and_under_other_spellings():
    assert inside(bundle(MANIFEST, ("data.json", b"{}" + b" " * 200_000))) == "1.0.0"
    for name in ("./.manifest", "/.manifest"):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            member = tarfile.TarInfo(name)
            member.size = len(json.dumps(MANIFEST))
            archive.addfile(member, io.BytesIO(json.dumps(MANIFEST).encode()))
        assert inside(out.getvalue()) == "1.0.0"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a file",
        gzip.compress(b"", mtime=0),
        gzip.compress(b"x" * 10_000, mtime=0),
        gzip.compress(bytes(10_240), mtime=0),
        bundle()[:100],
        bundle(b"{"),
        bundle(b"[]"),
        bundle({"roots": []}),
        pack_members([("data.json", b"{}")]),
        gzip.compress(b"\xff" * 512, mtime=0),
    ],
)
def test_where_nothing_is_found_nothing_is_said(content):
    assert inside(content) is None


def test_no_more_is_unpacked_than_a_bundle_may_hold():
    late = bundle(MANIFEST, ("data.json", b"{}" + b" " * 1_000_000))
    assert inside(late, limits=replace(DEFAULT_LIMITS, total_bytes=100)) is None
