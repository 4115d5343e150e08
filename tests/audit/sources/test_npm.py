"""npm's locks, in each of their versions."""

import json

import pytest

from tests.support.audit.sources import collected, one, pins, places, refusal

REGISTRY = "https://registry.npmjs.org"
SRI = "sha512-" + "A" * 86 + "=="


def lock(packages=None, *, version=3, **more):
    said = {
        "name": "acme",
        "lockfileVersion": version,
        **({"packages": packages} if packages is not None else {}),
        **more,
    }
    return {"package-lock.json": json.dumps(said, indent=1)}


def tarball(name, version, registry=REGISTRY):
    return f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"


def entry(name, version, **more):
    return {"version": version, "resolved": tarball(name, version), "integrity": SRI, **more}


def read(tmp_path, packages, **more):
    return collected(tmp_path, lock(packages, **more), "package-lock.json")


def test_packages_have_names_versions_scopes_digests_and_lines(tmp_path):
    found = read(tmp_path, {"": {"name": "acme"}, "node_modules/@acme/lib": entry("@acme/lib", "1.0.0", dev=True)})
    (package,) = found.packages
    assert (package.namespace, package.name, package.version) == ("@acme", "lib", "1.0.0")
    assert package.purl == "pkg:npm/%40acme/lib@1.0.0"
    assert (package.source, package.index, package.groups) == ("index", REGISTRY, ("dev",))
    assert package.distributions[0].hashes[0].algorithm == "SHA-512"
    assert places(package) == ["package-lock.json:8"]


def test_an_alias_is_the_package_that_it_stands_for(tmp_path):
    packages = {"": {}, "node_modules/short": {"name": "real", **entry("real", "2.0.0")}}
    assert pins(read(tmp_path, packages)) == {("real", "2.0.0")}
    older = {"short": {"version": "npm:@acme/real@2.0.0", "resolved": tarball("@acme/real", "2.0.0")}}
    package = one(read(tmp_path, None, version=1, dependencies=older), "real")
    assert (package.namespace, package.version, package.source) == ("@acme", "2.0.0", "index")


@pytest.mark.parametrize(
    ("resolved", "source", "said"),
    [
        ("git+ssh://git@github.com/a/b.git#" + "c" * 40, "git", f"ssh://github.com/a/b.git@{'c' * 40}"),
        ("github:a/b#main", "git", "github:a/b@main"),
        ("https://files.acme.example/b-1.0.0.tgz", "url", "https://files.acme.example/b-1.0.0.tgz"),
        (f"{REGISTRY}/other/-/other-1.0.0.tgz", "url", f"{REGISTRY}/other/-/other-1.0.0.tgz"),
        (f"{REGISTRY}/b/-/b-1.0.1.tgz", "url", f"{REGISTRY}/b/-/b-1.0.1.tgz"),
        ("file:vendor/b-1.0.0.tgz", "path", "vendor/b-1.0.0.tgz"),
    ],
)
def test_what_is_not_fetched_from_a_registry_says_so(tmp_path, resolved, source, said):
    package = one(read(tmp_path, {"": {}, "node_modules/b": {"version": "1.0.0", "resolved": resolved}}), "b")
    assert (package.version, package.source, package.location) == ("1.0.0", source, said)
    older = {"b": {"version": resolved}}
    assert one(read(tmp_path, None, version=1, dependencies=older), "b").source == source


def test_another_registry_is_told_without_what_opens_it(tmp_path):
    resolved = tarball("b", "1.0.0", "https://u:secret@npm.acme.example/private")
    package = one(read(tmp_path, {"": {}, "node_modules/b": {"version": "1.0.0", "resolved": resolved}}), "b")
    assert (package.source, package.index) == ("index", "https://npm.acme.example/private")


def test_a_link_leads_to_a_folder_of_the_project(tmp_path):
    packages = {
        "": {"workspaces": ["lib"]},
        "node_modules/lib": {"resolved": "lib", "link": True},
        "lib": {"name": "@acme/lib", "version": "0.1.0", "dependencies": {"b": "^1"}},
        "node_modules/b": entry("b", "1.0.0"),
        "node_modules/away": {"resolved": "../away", "link": True},
    }
    found = read(tmp_path, packages)
    assert {(each.name, each.version, each.source, each.local) for each in found.packages} == {
        ("lib", "0.1.0", "path", True),
        ("b", "1.0.0", "index", False),
        ("away", None, "path", False),
    }
    assert one(found, "b").direct is True


def test_what_is_bundled_is_judged_as_what_it_says_that_it_is(tmp_path):
    packages = {"": {}, "node_modules/a": entry("a", "1.0.0")}
    packages["node_modules/a/node_modules/b"] = {"version": "2.0.0", "inBundle": True}
    package = one(read(tmp_path, packages), "b")
    assert (package.source, package.index, package.version) == ("index", "", "2.0.0")


def test_a_package_is_reached_as_node_finds_it(tmp_path):
    packages = {
        "": {"dependencies": {"a": "^1", "c": "^1"}},
        "node_modules/a": entry("a", "1.0.0", dependencies={"b": "^1"}),
        "node_modules/c": entry("c", "1.0.0", dependencies={"b": "^2"}),
        "node_modules/b": entry("b", "1.0.0"),
        "node_modules/c/node_modules/b": entry("b", "2.0.0"),
    }
    ways = {each.version: each.paths for each in read(tmp_path, packages).packages if each.name == "b"}
    assert ways == {
        "1.0.0": (("pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"),),
        "2.0.0": (("pkg:npm/c@1.0.0", "pkg:npm/b@2.0.0"),),
    }


def test_a_lock_with_both_lists_is_read_twice(tmp_path):
    packages = {"": {}, "node_modules/a": entry("a", "2.0.0")}
    older = {"a": entry("a", "1.0.0", dependencies={"b": entry("b", "1.0.0")})}
    assert pins(read(tmp_path, packages, version=2, dependencies=older)) == {
        *{("a", "2.0.0"), ("a", "1.0.0"), ("b", "1.0.0")},
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"lockfileVersion": 4, "packages": {}}, "lockfileVersion is 4; versions 1, 2 and 3 are read"),
        ({"lockfileVersion": True, "packages": {}}, "lockfileVersion is True"),
        ({"packages": {}}, "lockfileVersion is None"),
        ({"lockfileVersion": 3}, "packages is missing"),
        ({"lockfileVersion": 3, "packages": []}, "expected a table"),
        ({"lockfileVersion": 3, "packages": {"node_modules/a": 1}}, "expected a table"),
        ({"lockfileVersion": 3, "packages": {"node_modules/а": {"version": "1"}}}, "no package's name"),
        ({"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1 2"}}}, "no version"),
        ({"lockfileVersion": 3, "packages": {"node_modules/a": {"version": 1}}}, "expected a string"),
        ({"lockfileVersion": 1, "dependencies": {"a": []}}, "expected a table"),
        ([], "not an object"),
    ],
)
def test_a_lock_that_is_none_is_refused(tmp_path, content, message):
    reason = refusal(tmp_path, {"package-lock.json": json.dumps(content)}, "package-lock.json")
    assert reason.code == "dependency.lock-invalid"
    assert message in reason.message


def test_a_key_that_stands_twice_is_refused(tmp_path):
    text = (
        '{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "1"}, "node_modules/a": {"version": "2"}}}'
    )
    assert refusal(tmp_path, {"package-lock.json": text}, "package-lock.json").code == "json.duplicate-key"
