"""Whatever an artifact's records hold, what is written of them keeps the schema and lists them all, read strictly."""

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tests.support.sboms.written import MOMENT, catalog
from verifier.formats.bom.component import FILE, Component, Distribution, Hash, License, Origin
from verifier.sbom.compare.compare import compare
from verifier.sbom.generate import written
from verifier.sbom.reading import read_bom

TEXT = st.text(max_size=12)
NAME = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["..", "a/b", "@a/b", "%2e%2e", "pkg:pypi/x@1", "a@1?b#c", "\udc80"]
)
HASH = st.builds(
    Hash, st.sampled_from(["SHA-256", "SHA-512", "MD5", "ROT-13"]), st.sampled_from(["ab", "c" * 64, "d" * 128])
)
LICENSE = st.builds(
    License,
    TEXT | st.sampled_from(["MIT", "MIT OR (Zlib", "Expat", "GPL-2.0+", "LicenseRef-x"]),
    st.sampled_from(["id", "expression", "name"]),
    st.sampled_from(["declared", "concluded", ""]),
)
URL = TEXT | st.sampled_from(
    ["https://a:b@acme.example/x?y#z", "git+ssh://git@acme.example/x.git", "../x", "https://[::1]/"]
)
PAIRS = st.lists(st.tuples(NAME, TEXT), max_size=2).map(tuple)
COMPONENT = st.builds(
    Component,
    st.sampled_from(["library", "application", "operating-system", "platform", "data"]),
    st.sampled_from(["", "pypi", "npm", "deb", "rpm", "apk", "golang", "generic"]),
    NAME,
    st.none() | TEXT,
    namespace=TEXT,
    qualifiers=st.lists(st.tuples(st.sampled_from(["arch", "distro"]), TEXT), max_size=1).map(tuple),
    path=TEXT,
    hashes=st.lists(HASH, max_size=2, unique_by=lambda each: each.algorithm).map(tuple),
    distributions=st.lists(st.builds(Distribution, URL, st.lists(HASH, max_size=2).map(tuple)), max_size=2).map(tuple),
    origin=st.none() | st.builds(Origin, st.sampled_from(["registry", "git", "unrecorded"]), URL, TEXT),
    licenses=st.lists(LICENSE, max_size=3).map(tuple),
    supplier=TEXT,
    description=TEXT,
    mime_type=TEXT,
    layer=TEXT,
    owner=st.sampled_from(["", "0", "1", "nowhere"]),
    parent=st.sampled_from(["", "", "0", "1", "nowhere"]),
    cpe=TEXT,
    properties=PAIRS,
)
FORMS = [("cyclonedx", "1.5"), ("cyclonedx", "1.7"), ("cyclonedx-xml", "1.6"), ("spdx", None)]


def numbered(components):
    return [each._replace(ref=str(at)) for at, each in enumerate(components)]


@pytest.mark.parametrize(("form", "version"), FORMS)
@settings(max_examples=25)
@given(components=st.lists(COMPONENT, min_size=1, max_size=4).map(numbered), properties=PAIRS)
def test_it_is_written_and_read_back_whole(components, properties, form, version):
    made = catalog(*components, dependencies=(("0", ("1", "nowhere")),), properties=properties)
    document = written(made, form=form, spec_version=version, timestamp=MOMENT)
    assert document.validated == (form != "spdx")
    assert document.content.isascii()
    assert len(read_bom(document.content, subject="own").components) == len(components)


@given(paths=st.lists(NAME, min_size=1, max_size=4, unique=True))
def test_files_are_the_same_files_whatever_they_are_called(paths):
    digest = Hash("SHA-256", "a" * 64)
    listed = [Component("file", FILE, path, path=path, hashes=(digest,), ref=f"file:{path}") for path in paths]
    made = catalog(*listed, dependencies=(), ecosystems=frozenset({FILE}))
    whole = not any("\ud800" <= character <= "\udfff" for path in paths for character in path)
    comparison = compare(read_bom(written(made).content, subject="own"), made, strict=True)
    assert (comparison.reasons() == ()) == whole
