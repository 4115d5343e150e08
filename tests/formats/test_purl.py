"""Package URLs: one meaning or none, held to the library of the specification's own authors."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packageurl import PackageURL

from tests.support.material import corpus
from verifier.formats.purl import MAX_PURL, Purl, parse_purl

GOOD = {
    "pkg:pypi/ruamel.yaml@0.18.6": Purl("pypi", "", "ruamel.yaml", "0.18.6"),
    "pkg:npm/%40babel/core@7.24.0": Purl("npm", "@babel", "core", "7.24.0"),
    "pkg:npm/@babel/core@7.24.0": Purl("npm", "@babel", "core", "7.24.0"),
    "pkg:npm/@babel/core": Purl("npm", "@babel", "core"),
    "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&upstream=glibc": Purl(
        "deb", "debian", "libc6", "2.36-9+deb12u9", (("arch", "amd64"), ("upstream", "glibc"))
    ),
    "pkg:rpm/fedora/a@1.0~rc1%5E2-3?epoch=2": Purl("rpm", "fedora", "a", "1.0~rc1^2-3", (("epoch", "2"),)),
    "pkg:golang/github.com/open-policy-agent/opa@v1.9.0#cmd/opa": Purl(
        "golang", "github.com/open-policy-agent", "opa", "v1.9.0", (), "cmd/opa"
    ),
    "pkg:generic/Simple%20Launcher@1.1.0.14": Purl("generic", "", "Simple Launcher", "1.1.0.14"),
    "pkg:PyPI/requests?B=2&A=1&C=": Purl("pypi", "", "requests", None, (("a", "1"), ("b", "2"))),
    "pkg://pypi/requests@2": Purl("pypi", "", "requests", "2"),
    "pkg:oci/app@sha256:00?repository_url=registry.acme.example/app": Purl(
        "oci", "", "app", "sha256:00", (("repository_url", "registry.acme.example/app"),)
    ),
    "pkg:generic/caf%C3%A9@1": Purl("generic", "", "café", "1"),
}
BAD = {
    "": "pkg:",
    "PKG:pypi/a": "pkg:",
    " pkg:pypi/a": "pkg:",
    "pkg:": "no type",
    "pkg:pypi": "no type",
    "pkg:/a": "no type",
    "pkg:9pi/a": "no type",
    "pkg:py%70i/a": "no type",
    "pkg:pypi/": "is empty",
    "pkg:pypi/@1": "is empty",
    "pkg:pypi/a//b@1": "is empty",
    "pkg:pypi/a/@1": "is empty",
    "pkg:pypi/a@": "empty version",
    "pkg:pypi/a@1@2": "more than one version",
    "pkg:pypi/a@1/b": "more than one version",
    "pkg:pypi/a%2F..%2Fb": "a path",
    "pkg:pypi/a%2Fb@1": "a path",
    "pkg:pypi/..@1": "a path",
    "pkg:pypi/%2e%2E/a@1": "a path",
    "pkg:golang/github.com/../evil@1": "a path",
    "pkg:k8s/a%2F..%2Fb@1": "a path",
    "pkg:pypi/a?x=1&X=2": "twice",
    "pkg:pypi/a?x": "qualifier",
    "pkg:pypi/a?": "qualifier",
    "pkg:pypi/a?=1": "qualifier",
    "pkg:pypi/a?%61=1": "qualifier",
    "pkg:pypi/a?x=1?y=2": "more than one ?",
    "pkg:pypi/a@1#..": "a path",
    "pkg:pypi/a@1#": "is empty",
    "pkg:pypi/a@1#b#c": "more than one #",
    "pkg:pypi/a b": "space",
    "pkg:pypi/a\x1b[31m": "control",
    "pkg:pypi/a%1B[31m": "control",
    "pkg:pypi/a%00": "control",
    "pkg:pypi/a\u202eb": "invisible",
    "pkg:pypi/a%E2%80%AEb": "invisible",
    "pkg:pypi/%20a@1": "blank",
    "pkg:pypi/a%zz": "no two hex digits",
    "pkg:pypi/a%4": "no two hex digits",
    "pkg:pypi/a%FF%FE": "UTF-8",
    "pkg:pypi/\ud800": "control",
    f"pkg:pypi/{'a' * MAX_PURL}": "characters",
}


@pytest.mark.parametrize("text", GOOD)
def test_a_package_url_is_read(text):
    assert parse_purl(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_has_no_meaning_or_two_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(BAD[text])):
        parse_purl(text)


def test_kubernetes_alone_has_names_with_an_encoded_slash():
    assert parse_purl("pkg:k8s/k8s.io%2Fkubelet@1.27.0").name == "k8s.io/kubelet"


def same(ours, theirs):
    """Whether two readings agree, apart from what the library makes of names for their type's sake."""
    alike = [
        (each.namespace or "").lower() + "/" + re.sub(r"[^a-z0-9]", "-", each.name.lower()) for each in (ours, theirs)
    ]
    rest = (ours.type, dict(ours.qualifiers), ours.subpath) == (theirs.type, theirs.qualifiers, theirs.subpath or "")
    version = [(each.version or "").lower() for each in (ours, theirs)]
    return rest and alike[0] == alike[1] and version[0] == version[1]


@pytest.mark.parametrize("text", GOOD)
def test_the_library_reads_it_alike(text):
    assert same(parse_purl(text), PackageURL.from_string(text))


PARTS = st.text(alphabet="aB.-_~+%2fF0:@/?#&= é\u202e", max_size=12)


@given(st.sampled_from(["pypi", "npm", "deb", "rpm", "golang", "generic", "k8s"]), PARTS, PARTS)
def test_whatever_is_read_the_library_reads_alike(kind, one, other):
    """What it refuses and we read, it refuses for its own reading of colons, or of a scope."""
    text = f"pkg:{kind}/{one}{other}"
    try:
        ours = parse_purl(text)
    except ValueError:
        return
    try:
        theirs = PackageURL.from_string(text)
    except ValueError:
        assert ":" in text.removeprefix("pkg:") or "@" in one + other
        return
    assert same(ours, theirs) or ":" in text.removeprefix("pkg:")


@given(st.text(max_size=60), st.booleans())
def test_no_text_raises_anything_else(text, prefixed):
    try:
        found = parse_purl(f"pkg:{text}" if prefixed else text)
    except ValueError:
        return
    assert found.type
    assert found.name


def purls_in(value):
    if isinstance(value, dict):
        for key, each in value.items():
            if key in ("purl", "referenceLocator") and isinstance(each, str) and each.startswith("pkg:"):
                yield each
            yield from purls_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from purls_in(each)


@pytest.mark.corpus
def test_every_purl_of_the_corpus_is_read_as_the_library_reads_it():
    documents = sorted(Path(corpus("sbom")).rglob("*.json"))
    found = {each for path in documents for each in purls_in(json.loads(path.read_bytes()))}
    assert len(found) > 900
    assert [each for each in found if not same(parse_purl(each), PackageURL.from_string(each))] == []
