"""What a purl says beside the name and the version of its component: for five types a contradiction is a lie."""

import pytest

from verifier.core.errors import Refused
from verifier.formats.bom.claims import HEX_DIGITS, read_hash, read_purl, version_of
from verifier.formats.bom.faults import Faults
from verifier.formats.purl import parse_purl


def judged(purl, name, version=None, group=""):
    """ "agrees", "doubt" or "fault"."""
    faults = Faults("bom")
    read_purl(purl, group, name, version, "components[0]", faults)
    try:
        return "doubt" if faults.settle() else "agrees"
    except Refused:
        return "fault"


AGREE = [
    ("pkg:pypi/ruamel-yaml@0.18.6", "ruamel.yaml", "0.18.6"),
    ("pkg:pypi/Foo_Bar@1", "foo-bar", "1"),
    ("pkg:pypi/a", "a", "1"),
    ("pkg:pypi/a@1", "a", None),
    ("pkg:npm/%40babel/core@7", "@babel/core", "7"),
    ("pkg:npm/JSONStream@1", "jsonstream", "1"),
    ("pkg:deb/debian/libc6@2.36-9?arch=amd64", "libc6", "2.36-9"),
    ("pkg:deb/debian/a@1%3A1.0-1%2Bb2", "a", "1:1.0-1+b2"),
    ("pkg:deb/debian/a@1.0-1?epoch=1", "a", "1:1.0-1"),
    ("pkg:deb/ubuntu/libcrypt1@4.4.27-1?epoch=1", "libcrypt1", "4.4.27-1"),
    ("pkg:rpm/centos/a@0.9-3.el9?epoch=1", "a", "1:0.9-3.el9"),
    ("pkg:rpm/centos/a@0.9-3.el9?epoch=1", "a", "0.9-3.el9"),
    ("pkg:rpm/centos/a@0.9-3.el9", "a", "0:0.9-3.el9"),
    ("pkg:rpm/fedora/a@1%5E2-3", "a", "1^2-3"),
    ("pkg:apk/alpine/musl@1.2.3-r0?distro=3.16.0", "musl", "1.2.3-r0"),
    ("pkg:golang/github.com/acme/app@v1.0.0", "github.com/acme/app", "1.0.0"),
    ("pkg:maven/org.acme/app@1", "org.acme:app", "1"),
    ("pkg:composer/pear/log@1.13.1", "pear/log", "1.13.1"),
    ("pkg:generic/a@1", "A", "1"),
    (f"pkg:oci/app@sha256:{'0a' * 32}", "app", "1.2"),
    (f"pkg:docker/acme/app@sha256%3A{'0a' * 32}", "acme/app", "latest"),
]
FAULTS = [
    ("pkg:pypi/a@1", "b", "1"),
    ("pkg:pypi/a@1", "a", "1.0"),
    ("pkg:npm/%40babel/core@7", "core", "7"),
    ("pkg:npm/core@7", "@babel/core", "7"),
    ("pkg:npm/%40evil/core@7", "@babel/core", "7"),
    ("pkg:deb/debian/a@2.0-1", "a", "1:2.0-1"),
    ("pkg:deb/debian/a@1.0-1?epoch=2", "a", "1:1.0-1"),
    ("pkg:deb/debian/a-dev@1", "a", "1"),
    ("pkg:rpm/centos/a@0.9-4.el9?epoch=1", "a", "1:0.9-3.el9"),
    ("pkg:apk/alpine/musl@1.2.3-r0", "musl", "1.2.3-r1"),
]
DOUBTS = [
    ("pkg:golang/github.com/acme/app@v1.0.0", "github.com/acme/app", "1.1.0"),
    ("pkg:maven/org.acme/app@1", "other", "1"),
    ("pkg:oci/etcd@sha256:00", "registry.k8s.io/etcd", "3.5"),
    ("pkg:generic/app@v2.0.0", "app", "2.0.0"),
    (f"pkg:oci/app@sha256:{'0a' * 32}", "app", f"sha256:{'0b' * 32}"),
    ("pkg:docker/acme/app@1.1", "acme/app", "1.2"),
]


@pytest.mark.parametrize(("purl", "name", "version"), AGREE)
def test_what_names_the_same_agrees(purl, name, version):
    assert judged(purl, name, version) == "agrees"


@pytest.mark.parametrize(("purl", "name", "version"), FAULTS)
def test_a_purl_that_contradicts_is_a_fault(purl, name, version):
    assert judged(purl, name, version) == "fault"


@pytest.mark.parametrize(("purl", "name", "version"), DOUBTS)
def test_a_purl_of_another_type_that_contradicts_is_a_doubt(purl, name, version):
    assert judged(purl, name, version) == "doubt"


@pytest.mark.parametrize(
    ("purl", "group", "name", "expected"),
    [
        ("pkg:npm/%40babel/core@7", "@babel", "core", "agrees"),
        ("pkg:npm/%40babel/core@7", "@evil", "core", "fault"),
        ("pkg:npm/%40babel/core@7", "babel", "core", "agrees"),
        ("pkg:npm/core@7", "@babel", "core", "fault"),
        ("pkg:maven/org.acme/app@7", "org.acme", "app", "agrees"),
        ("pkg:maven/org.acme/app@7", "org.evil", "other", "doubt"),
    ],
)
def test_a_group_counts_as_a_scope_does(purl, group, name, expected):
    assert judged(purl, name, "7", group) == expected


@pytest.mark.parametrize(
    ("purl", "stated", "version"),
    [
        ("pkg:rpm/centos/a@0.9-3.el9?epoch=1", "1:0.9-3.el9", "0.9-3.el9"),
        ("pkg:deb/debian/a@1.0-1?epoch=1", "1.0-1", "1:1.0-1"),
        ("pkg:deb/debian/a@1%3A1.0-1", "1:1.0-1", "1:1.0-1"),
        ("pkg:deb/debian/a@1.0-1?epoch=0", "0:1.0-1", "1.0-1"),
        ("pkg:pypi/a@1", None, "1"),
        ("pkg:pypi/a", "1", "1"),
        ("pkg:golang/a.example/b@v1.0", "1.0", "1.0"),
    ],
)
def test_a_version_is_as_the_artifact_s_own_records_have_it(purl, stated, version):
    assert version_of(parse_purl(purl), stated) == version


@pytest.mark.parametrize("algorithm", HEX_DIGITS)
def test_a_digest_has_the_length_of_its_algorithm(algorithm):
    faults, digits = Faults("bom"), HEX_DIGITS[algorithm]
    assert read_hash(algorithm, "AB" * (digits // 2), "hashes", 0, faults).value == "ab" * (digits // 2)
    assert faults.settle() == ()
    for value in (
        "a" * (digits - 2),
        "a" * (digits + 2),
        "g" * digits,
        "",
        "\u0130" * digits,
        "a" * (digits - 1) + "\n",
    ):
        read_hash(algorithm, value, "hashes", 0, faults)
    with pytest.raises(Refused) as refused:
        faults.settle()
    assert len(refused.value.reasons) == 6
