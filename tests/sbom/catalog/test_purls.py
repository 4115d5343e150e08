"""Purls are written as `packageurl-python` writes them, which nobody has to load for it."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.sbom.catalog.purls import purl, ref_of

packageurl = pytest.importorskip("packageurl")
PART = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"]), min_size=1).filter(
    lambda text: text == text.strip("/ ") and "//" not in text
)
KINDS = st.sampled_from(["deb", "rpm", "golang", "generic", "cargo"])


@given(
    KINDS, PART, st.none() | PART, st.just("") | PART, st.dictionaries(st.sampled_from(["arch", "epoch", "z"]), PART)
)
def test_whatever_the_parts_are_the_text_is_the_librarys(kind, name, version, namespace, qualifiers):
    theirs = packageurl.PackageURL(kind, namespace or None, name, version, qualifiers).to_string()
    assert purl(kind, name, version, namespace=namespace, qualifiers=qualifiers.items()) == theirs


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("deb", "a", "1:1.0+b~rc1", "debian"), "pkg:deb/debian/a@1:1.0%2Bb~rc1"),
        (("npm", "core", "1.0", "@angular"), "pkg:npm/%40angular/core@1.0"),
        (("golang", "mod", "v1.0", "github.com/a"), "pkg:golang/github.com/a/mod@v1.0"),
        (("rpm", "a", "1^2", ""), "pkg:rpm/a@1%5E2"),
        (("pypi", "a", None, ""), "pkg:pypi/a"),
    ],
)
def test_what_is_escaped_and_what_stands_as_it_is(parts, expected):
    kind, name, version, namespace = parts
    assert purl(kind, name, version, namespace=namespace) == expected


def test_qualifiers_are_sorted_and_empty_ones_left_out():
    assert purl("deb", "a", "1", qualifiers=[("z", "1"), ("a", "2&3"), ("e", "")]) == "pkg:deb/a@1?a=2%263&z=1"


def test_each_ref_is_given_once():
    taken = set()
    refs = [ref_of("pkg:deb/a@1", path, taken) for path in ("x", "y z", "y z", "x")]
    assert refs == ["pkg:deb/a@1", "pkg:deb/a@1#y%20z", "pkg:deb/a@1#y%20z:2", "pkg:deb/a@1#x"]
    assert taken == set(refs)


def test_writing_purls_loads_no_library():
    code = "import sys, verifier.sbom.catalog.system, verifier.sbom.catalog.dpkg; print('packageurl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
