"""What is advised about versions that cannot be ordered, or order otherwise than their author thought."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.versions.advice import advise, fitting, why_equal, why_lower
from verifier.versions.schemes import Scheme, order_key


@pytest.mark.parametrize(
    ("scheme", "text", "said"),
    [
        ("semver", "v1.4.0", 'leading v .*prefix = "v".*--version-prefix v '),
        ("semver", "V1.4.0", 'leading v .*prefix = "V"'),
        ("semver", "release-1.4.0", 'prefix = "release-"'),
        ("semver", "refs/tags/v1.4.0-rc.1", 'prefix = "refs/tags/v".*--revision 1.4.0-rc.1'),
        ("semver", "opa1-v1.4.0", 'prefix = "opa1-v"'),
        ("semver", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "Git commit"),
        ("integer", "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "Git commit"),
        ("pep440", "a94a8fe", "Git commit"),
        ("semver", "1234567890123456789012345678901234567890", "Git commit"),
        ("semver", "1.4", r"1\.4\.0"),
        ("semver", "007", r"7\.0\.0"),
        ("semver", "1.04.0", r"no leading zeros: 1\.4\.0"),
        ("semver", "1.4.0rc1", r"1\.4\.0-rc1.*pep440"),
        ("semver", "2026.01.02", 'scheme = "calver"'),
        ("semver", "2026-01-02", 'scheme = "calver"'),
        ("semver", "20260102", 'scheme = "integer"'),
        ("semver", "2026-01-02T03:04:05Z", 'scheme = "rfc3339"'),
        ("semver", "1.4.0.1", 'scheme = "pep440"'),
        ("integer", "1.4.0", 'scheme = "semver"'),
        ("integer", "build-17", 'prefix = "build-"'),
        ("rfc3339", "1.4.0-12-gabc1234", 'scheme = "semver"'),
        ("semver", " 1.4.0", "White space"),
        ("semver", "latest", "Publish a version of the declared scheme"),
        ("semver", "", "Publish a version of the declared scheme"),
        ("semver", "v" + "1" * 300, "at most 256"),
        ("semver", "v1.4.0é", "ASCII"),
    ],
)
def test_the_one_thing_to_do_is_named(scheme, text, said):
    assert re.search(said, advise(Scheme(scheme), text))


@given(st.sampled_from(list(Scheme)), st.text(max_size=80))
def test_a_prefix_that_is_advised_leaves_a_version_of_the_scheme(scheme, text):
    found = re.search(r'prefix = "([^"]+)"', advise(scheme, text))
    if found:
        order_key(scheme, text.removeprefix(found[1]))


@given(st.sampled_from(list(Scheme)), st.from_regex(r"[A-Za-z./-]{0,8}[0-9.]{0,12}[-+a-z0-9]{0,12}", fullmatch=True))
def test_another_scheme_that_is_advised_reads_the_version(scheme, text):
    found = re.search(r'This is a version .* `scheme = "([^"]+)"`', advise(scheme, text))
    if found:
        assert order_key(Scheme(found[1]), text)


@pytest.mark.parametrize(
    ("version", "than", "said"),
    [
        ("1.4.0-12-gabc1234", "1.4.0", "pre-release.*git describe"),
        ("1.4.0-12-gabc1234-dirty", "1.4.0", "pre-release.*git describe"),
        ("1.4.0-dirty", "1.4.0", "pre-release.*git describe"),
        ("1.4.0-1", "1.4.0", "pre-release, and comes before 1.4.0"),
        ("1.4.0-12-gabc1234+linux", "1.4.0", "pre-release.*git describe"),
        ("1.4.0-12-gabc1234", "1.4.0-2-gdef5678", "as text.*git describe"),
    ],
)
def test_a_hyphen_that_makes_a_pre_release_is_explained(version, than, said):
    assert order_key(Scheme.SEMVER, version) < order_key(Scheme.SEMVER, than)
    assert re.search(said, why_lower(Scheme.SEMVER, version, than))


@pytest.mark.parametrize(("version", "than"), [("1.3.0", "1.4.0"), ("1.3.0-rc.1", "1.4.0"), ("1.3.0+b-1", "1.4.0")])
def test_what_is_plainly_older_is_not_explained(version, than):
    assert why_lower(Scheme.SEMVER, version, than) == ""


def test_a_pre_release_of_pep_440_is_explained():
    assert "pre-release" in why_lower(Scheme.PEP440, "1.4.0rc1", "1.4.0")
    assert why_lower(Scheme.PEP440, "1.3.0", "1.4.0") == ""


def test_build_metadata_is_said_not_to_order():
    assert "follows the +" in why_equal(Scheme.SEMVER, "1.4.0+2", "1.4.0+1")
    assert why_equal(Scheme.SEMVER, "1.4.0", "1.4.0") == ""
    assert "one version in the scheme pep440" in why_equal(Scheme.PEP440, "1.4", "1.4.0")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.4.0", ("semver", "")),
        ("v1.4.0", ("semver", "v")),
        ("release-1.4.0-rc.1", ("semver", "release-")),
        ("2026.01.02", ("calver", "")),
        ("v2026.01.02", ("calver", "v")),
        ("20260102", ("integer", "")),
        ("build-17", ("integer", "build-")),
        ("2026-01-02T03:04:05Z", ("rfc3339", "")),
        ("1.4", ("pep440", "")),
        ("1.4.0.post1", ("pep440", "")),
        ("a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", None),
        ("a94a8fe", None),
        ("latest", None),
        ("", None),
    ],
)
def test_a_scheme_is_found_that_orders_a_version(text, found):
    assert fitting(text) == found


@given(st.text(max_size=60))
def test_what_is_found_orders_it(text):
    if found := fitting(text):
        assert order_key(found[0], text.removeprefix(found[1]))


ANY_VERSION = st.sampled_from(["1.4.0-rc.1", "2026-06-01T12:00:00Z", "10", "2026.1", "1.0.dev1", "", "v1"])


@given(st.sampled_from(list(Scheme)), ANY_VERSION, ANY_VERSION)
def test_a_floor_of_another_scheme_is_not_explained_and_ends_nothing(scheme, version, floor):
    assert isinstance(why_lower(scheme, version, floor), str)
    assert isinstance(why_equal(scheme, version, floor), str)
