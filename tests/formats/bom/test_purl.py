"""Package URLs as they are written: what the specification's own library reads as the same parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from verifier.formats.bom.component import FILE, Component
from verifier.formats.bom.purl import purl, purl_of
from verifier.formats.purl import parse_purl

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("ecosystem", "name", "version", "namespace", "qualifiers"),
    [
        ("pypi", "Ruamel.Yaml_X", "1.0+b", "", ()),
        ("npm", "core", "1.0.0-rc.1", "@acme", ()),
        ("rpm", "glibc", "2.34~rc1^20-1.el9", "fedora", (("epoch", "2"), ("arch", "x86_64"))),
        ("deb", "gcc", "4:12.2.0-3", "debian", (("distro", "debian 12"), ("arch", "amd64"), ("no", ""))),
        ("golang", "opa", "v1.2.0", "github.com/open-policy-agent", ()),
        ("generic", "authz", None, "", (("checksum", "sha256:ab"),)),
    ],
)
def test_the_library_writes_the_same(ecosystem, name, version, namespace, qualifiers):
    theirs = PackageURL(ecosystem, namespace, name, version, dict(qualifiers)).to_string()
    assert purl(ecosystem, name, version, namespace=namespace, qualifiers=qualifiers) == theirs


@given(TEXTS, TEXTS, st.none() | TEXTS)
def test_there_is_one_that_means_its_parts_or_none(namespace, name, version):
    written = purl("generic", name, version, namespace=namespace)
    if written:
        read = parse_purl(written)
        assert (read.namespace, read.name, read.version) == (namespace, name, version)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", " a", "a\x1b[31m", "a\u202eb"])
def test_what_could_not_be_read_back_has_none(name):
    assert purl("generic", name, "1") == ""


def test_what_is_there_is_kept_unless_nobody_can_read_it():
    component = Component("library", "pypi", "x", "1")
    assert purl_of(component._replace(purl="pkg:pypi/y@2")) == "pkg:pypi/y@2"
    assert purl_of(component._replace(purl="pkg:pypi/x%1b@1")) == ""
    assert purl_of(component) == "pkg:pypi/x@1"


@pytest.mark.parametrize("ecosystem", ["", FILE])
def test_what_has_no_ecosystem_has_none(ecosystem):
    assert purl_of(Component("file", ecosystem, "x")) == ""
