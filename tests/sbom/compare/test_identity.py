"""Which components are the same one."""

import pytest

from tests.support.sboms.listed import file, package
from verifier.formats.bom.component import FILE, Component
from verifier.sbom.compare.identity import key_of, named

THE_SAME = [
    ("pkg:pypi/ruamel.yaml@0.18.6", "pkg:pypi/ruamel-yaml@0.18.6"),
    ("pkg:pypi/Flask_SQLAlchemy@3.1", "pkg:pypi/flask--sqlalchemy@3.1"),
    ("pkg:deb/debian/OpenSSL@1:3.0-1+b2?arch=AMD64", "pkg:deb/debian/openssl@1:3.0-1+b2?distro=debian-12&arch=amd64"),
    ("pkg:rpm/fedora/a@0.9-3.el9?arch=noarch&epoch=1", "pkg:rpm/fedora/a@1:0.9-3.el9?arch=noarch&epoch=1"),
    ("pkg:rpm/fedora/a@0.9-3.el9?epoch=1", "pkg:rpm/fedora/a@1:0.9-3.el9"),
    ("pkg:rpm/fedora/a@1-1?epoch=0", "pkg:rpm/fedora/a@1-1"),
    ("pkg:golang/github.com/CloudyKit/jet/v3@v3.0.0", "pkg:golang/github.com/cloudykit/jet/v3@3.0.0"),
    ("pkg:npm/JSONStream@1", "pkg:npm/jsonstream@1"),  # as the purl of an old name has it
    ("pkg:golang/stdlib@go1.24.1", "pkg:golang/stdlib@1.24.1"),
]
OTHERS = [
    ("pkg:pypi/a@1.0", "pkg:pypi/a@1.0.0"),
    ("pkg:npm/@acme/x@1", "pkg:npm/x@1"),
    ("pkg:deb/debian/a@1?arch=amd64", "pkg:deb/debian/a@1?arch=i386"),
    ("pkg:deb/debian/a@1:1.0", "pkg:deb/debian/a@1.0"),
    ("pkg:deb/debian/a@1", "pkg:deb/ubuntu/a@1"),
    ("pkg:rpm/fedora/a@1~rc1-1", "pkg:rpm/fedora/a@1-1"),
    ("pkg:rpm/fedora/a@1-1?epoch=1", "pkg:rpm/fedora/a@1-1?epoch=2"),
    ("pkg:golang/acme.example/a@v1.0.0", "pkg:golang/acme.example/a/v2@v1.0.0"),
    ("pkg:maven/org.acme/a@1", "pkg:maven/org.other/a@1"),
    ("pkg:pypi/a@1", "pkg:npm/a@1"),
]


@pytest.mark.parametrize(("one", "other"), THE_SAME)
def test_one_component_has_one_key_whoever_writes_it(one, other):
    assert key_of(package(one)) == key_of(package(other))


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_differs_has_another_key(one, other):
    assert key_of(package(one)) != key_of(package(other))


@pytest.mark.parametrize(
    ("namespace", "name"),
    [("github.com/acme", "a"), ("", "github.com/acme/a"), ("github.com/acme/a", "github.com/acme/a")],
)
def test_a_go_module_is_the_same_however_its_path_is_parted(namespace, name):
    """cyclonedx-gomod writes the whole path as the name, beside a purl that has the first part as its namespace."""
    assert key_of(Component("library", "golang", name, "v1.0.0", namespace)).name == "github.com/acme/a"


@pytest.mark.parametrize(("namespace", "name"), [("@acme", "x"), ("", "@acme/x"), ("@acme", "@acme/x")])
def test_a_scope_belongs_to_the_name_of_an_npm_package(namespace, name):
    assert key_of(Component("library", "npm", name, "1.0.0", namespace)).name == "@acme/x"


def test_a_name_that_is_another_than_its_purl_is_that_of_nothing():
    lying = Component("library", "golang", "github.com/good/a", "v1", "github.com/evil")
    assert key_of(lying).name == "github.com/evil/github.com/good/a"


@pytest.mark.parametrize("path", ["usr/bin/env", "/usr/bin/env", "./usr/bin/env", "//usr/bin/env"])
def test_a_file_is_known_by_its_path_from_the_root(path):
    assert key_of(file(path)) == key_of(file("usr/bin/env"))


def test_a_path_is_not_resolved():
    assert key_of(file("usr/../etc/passwd")).path == "usr/../etc/passwd"


def test_a_component_without_a_purl_is_told_by_its_type():
    assert key_of(Component("operating-system", "", "debian", "12")) != key_of(Component("library", "", "debian", "12"))


def test_no_version_is_no_version_called_unknown():
    assert key_of(package("pkg:npm/x")) != key_of(package("pkg:npm/x@UNKNOWN"))


def test_a_component_is_called_by_its_path_or_purl():
    assert named(file("usr/bin/env")) == "usr/bin/env"
    assert named(package("pkg:pypi/a@1")) == "pkg:pypi/a@1"
    assert named(Component("library", "deb", "a", "1", "debian")) == "pkg:deb/debian/a@1"
    assert named(Component("operating-system", "", "debian")) == "debian"
    assert named(Component("file", FILE, "a.rego")) == "a.rego"
