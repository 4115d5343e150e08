"""Which spellings are one name, and which names one ecosystem."""

import pytest

from verifier.formats.osv.ecosystems import (
    ECOSYSTEMS,
    compared_name,
    full_name,
    osv_name_of,
    purl_type_of,
    releases_differ,
)


@pytest.mark.parametrize(
    ("ecosystem", "purl_type"),
    [
        ("PyPI", "pypi"),
        ("Debian:12", "deb"),
        ("Alpine:v3.18", "apk"),
        ("Go", "golang"),
        ("crates.io", "cargo"),
        ("Root:PyPI", ""),
        ("pypi", ""),
        ("PyPi", ""),
        ("", ""),
        ("GIT", ""),
    ],
)
def test_an_ecosystem_has_one_purl_type_or_none(ecosystem, purl_type):
    assert purl_type_of(ecosystem) == purl_type


@pytest.mark.parametrize("name", ECOSYSTEMS)
def test_every_ecosystem_is_found_again_by_its_type_and_namespace(name):
    row = ECOSYSTEMS[name]
    assert osv_name_of(row.purl_type, row.namespace) == name


def test_a_distribution_that_nobody_names_has_no_ecosystem():
    assert [osv_name_of("deb", each) for each in ("", "acme", "Ubuntu")] == ["", "", "Ubuntu"]
    assert osv_name_of("rpm", "rhel") == "Red Hat"


@pytest.mark.parametrize(
    ("purl_type", "one", "other", "same"),
    [
        ("pypi", "jw.util", "jw-util", True),
        ("pypi", "Jinja2", "jinja2", True),
        ("pypi", "a-_.b", "a.b", True),
        ("pypi", "jinja2", "jinja-2", False),
        ("pypi", "ｊｉｎｊａ２", "jinja2", False),
        ("npm", "Express", "express", False),
        ("npm", "a.b", "a-b", False),
        ("golang", "github.com/Masterminds/semver", "github.com/masterminds/semver", True),
        ("cargo", "serde_json", "serde-json", True),
        ("deb", "openssl", "OpenSSL", True),
        ("rpm", "ImageMagick", "imagemagick", False),
    ],
)
def test_names_are_compared_as_their_index_compares_them(purl_type, one, other, same):
    assert (compared_name(purl_type, one) == compared_name(purl_type, other)) is same


@pytest.mark.parametrize(
    ("purl_type", "namespace", "name", "whole"),
    [
        ("pypi", "", "Jinja2", "jinja2"),
        ("npm", "@acme", "lib", "@acme/lib"),
        ("npm", "@acme", "@acme/lib", "@acme/lib"),
        ("golang", "github.com/Acme", "lib", "github.com/acme/lib"),
        ("golang", "", "github.com/Acme/lib", "github.com/acme/lib"),
        ("maven", "org.acme", "lib", "org.acme:lib"),
        ("deb", "debian", "openssl", "openssl"),
        ("made-up", "x", "y", "y"),
    ],
)
def test_a_package_has_the_name_that_records_call_it_by(purl_type, namespace, name, whole):
    assert full_name(purl_type, namespace, name) == whole


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("12", "11", True),
        ("12", "12.5", False),
        ("v3.18", "3.18.4", False),
        ("v3.18", "3.19", True),
        ("22.04:LTS", "22.04", False),
        ("Pro:16.04:LTS", "18.04", True),
        ("", "12", False),
        ("12", "bookworm", False),
        ("edge", "3.18", False),
        ("enterprise_linux:8::baseos", "9.2", True),
    ],
)
def test_releases_differ_only_where_both_have_a_number(one, other, differ):
    assert releases_differ(one, other) is differ
    assert releases_differ(other, one) is differ
