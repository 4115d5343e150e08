"""Private names come from the private index, and from nowhere else."""

import pytest

from tests.support.sboms.locks import INDEX, SMALL
from tests.support.sboms.made import contents
from verifier.core.errors import ConfigurationError
from verifier.formats.bom.component import Component, Distribution, Origin
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.generate import generate
from verifier.sbom.locks.private import judge_private
from verifier.sbom.locks.table import read_lock
from verifier.sbom.reading import read_bom

PRIVATE = {"acme-*": INDEX}


def component(name="acme-core", *, origin=None, properties=(), **changes):
    return Component("library", "pypi", name, "2.1", origin=origin, properties=properties, **changes)


def from_index(location):
    return component(origin=Origin("registry", location))


def judged(*components, private=PRIVATE):
    return [(reason.code, reason.message) for reason in judge_private(components, private)]


def codes_of(*components, private=PRIVATE):
    return [code for code, _ in judged(*components, private=private)]


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pylock.toml", "Pipfile.lock", "requirements.txt"])
def test_a_lock_that_records_the_private_index_is_let_through(name):
    assert judge_private(read_lock(name, SMALL[name].encode()).components, PRIVATE) == ()


def test_a_lock_that_records_no_index_is_denied():
    (reason,) = judge_private(read_lock("pdm.lock", SMALL["pdm.lock"].encode()).components, PRIVATE)
    assert (reason.code, reason.subject) == ("dependency.confusion", "pkg:pypi/acme-core@2.1")
    assert reason.message == f"its source is not recorded, and must come from {INDEX} alone"


@pytest.mark.parametrize(
    "spelt",
    [
        INDEX,
        f"{INDEX}/",
        "https://PYPI.acme.example/simple",
        "https://pypi.acme.example:443/simple",
        "https://user:pass@pypi.acme.example/simple",
    ],
)
def test_the_private_index_is_known_in_every_spelling_of_it(spelt):
    assert codes_of(from_index(spelt)) == []


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://pypi.org/simple",
        "http://pypi.acme.example/simple",
        "https://pypi.acme.example:8443/simple",
        "https://pypi.acme.example/simple2",
        "https://pypi.acme.example/simple/more",
        "https://pypi.acme.example",
        "https://pypi.acme.example.evil.example/simple",
        "https://evil.example/pypi.acme.example/simple",
        "https://pypi.acme.example@evil.example/simple",
        "https://evil.example\\@pypi.acme.example/simple",
        "https://a@evil.example@pypi.acme.example/simple",
        "https://pypi.acme.example./simple",
        "https://pypi.acme.example/../simple",
        "https://pypi.асme.example/simple",
        "//pypi.acme.example/simple",
        "pypi.acme.example/simple",
        "../simple",
        "",
    ],
)
def test_every_other_index_is_denied_however_alike_it_looks(elsewhere):
    assert codes_of(from_index(elsewhere)) == ["dependency.confusion"]


@pytest.mark.parametrize(
    "origin",
    [
        Origin("git", "https://pypi.acme.example/simple", "d" * 40),
        Origin("url", f"{INDEX}/acme_core-2.1.whl"),
        Origin("path", "wheels/acme_core-2.1.whl"),
        Origin("directory", "../acme-core"),
        Origin("editable", "/srv/acme-core"),
        Origin("editable", "C:/acme-core"),
        Origin("directory", "packages/../../x"),
        Origin("unrecorded"),
        Origin("mirror", INDEX),
        None,
    ],
)
def test_every_other_kind_of_source_is_denied(origin):
    assert codes_of(component(origin=origin)) == ["dependency.confusion"]


@pytest.mark.parametrize(
    "origin", [Origin("editable", "."), Origin("virtual", "packages/core"), Origin("directory", "core")]
)
def test_a_folder_of_the_project_itself_comes_from_no_index(origin):
    assert codes_of(component(origin=origin)) == []


@pytest.mark.parametrize(
    "option", ["--extra-index-url https://pypi.org/simple", "--find-links https://files.acme.example"]
)
def test_an_index_that_may_answer_as_well_is_denied_wherever_it_stands(option):
    lock = read_lock("requirements.txt", f"{SMALL['requirements.txt']}{option}\n".encode())
    (reason,) = judge_private(lock.components, PRIVATE)
    assert reason.code == "dependency.confusion"
    assert "may answer for it too" in reason.message


def test_an_extra_index_without_a_main_one_leaves_the_source_unknown():
    lock = read_lock("requirements.txt", f"--extra-index-url {INDEX}\nacme-core==1\n".encode())
    assert codes_of(*lock.components) == ["dependency.confusion"]


def test_of_several_sources_in_a_pipfile_each_may_answer_unless_one_is_named():
    second = '"sources": [{"name": "pypi", "url": "https://pypi.org/simple"}, '
    changed = SMALL["Pipfile.lock"].replace('"sources": [', second)
    lock = read_lock("Pipfile.lock", changed.encode())
    # In `default` the row names its index; in `develop` it does not.
    assert codes_of(*lock.components) == ["dependency.confusion"]


def test_a_source_that_only_one_of_two_locks_records_is_not_recorded():
    both = (("verifier:lock:source", f"registry {INDEX}"), ("verifier:lock:source", "unrecorded"))
    assert codes_of(component(properties=both, origin=Origin("registry", INDEX))) == ["dependency.confusion"]


def test_a_document_is_judged_by_what_was_written_into_it():
    written = (("verifier:lock:source", f"registry {INDEX}"),)
    assert codes_of(component(properties=written)) == []
    assert codes_of(component(purl="pkg:pypi/acme-core@2.1")) == ["dependency.confusion"]


def test_a_document_whose_properties_contradict_each_other_is_denied():
    written = (
        ("verifier:lock:source", f"registry {INDEX}"),
        ("verifier:origin", "registry"),
        ("verifier:origin:location", "https://pypi.org/simple"),
    )
    assert codes_of(component(properties=written)) == ["dependency.confusion"]


def test_a_lock_is_judged_alike_by_the_document_that_was_made_of_it():
    catalog = catalog_of(contents({"uv.lock": SMALL["uv.lock"].encode()}, kind="project"))
    document = read_bom(generate(catalog), subject="app.cdx.json")
    for private in (PRIVATE, {"acme-*": "https://other.acme.example/simple"}, {"*": INDEX}):
        found = [judged(*components, private=private) for components in (catalog.components, document.components)]
        assert found[0] == found[1]
    assert codes_of(*document.components) == []


@pytest.mark.parametrize("place", ["git+https://git.acme.example/acme-core", "https://acme.example/latest", "../core"])
def test_what_nobody_names_may_be_a_private_package(place):
    lock = read_lock("requirements.txt", f"{SMALL['requirements.txt']}{place}\n".encode())
    ((code, message),) = judged(*lock.components)
    assert code == "dependency.confusion"
    assert "nobody says which package this is" in message


def test_a_folder_of_the_project_that_nobody_names_is_let_through():
    assert codes_of(*read_lock("requirements.txt", f"{SMALL['requirements.txt']}-e .\n".encode()).components) == []


@pytest.mark.parametrize("name", ["acme-core", "Acme.Core", "ACME__core", "acme.-_core"])
def test_names_are_compared_as_the_index_compares_them(name):
    assert codes_of(component(name)) == ["dependency.confusion"]
    assert codes_of(component(name), private={"Acme_Core": INDEX}) == ["dependency.confusion"]


@pytest.mark.parametrize("name", ["acme", "acmecore", "my-acme-core"])
def test_a_pattern_matches_whole_names(name):
    assert codes_of(component(name)) == ["dependency.private-unmatched"]


def test_a_pattern_that_matches_nothing_is_said_aloud():
    (reason,) = judge_private([component("other")], PRIVATE)
    assert (reason.code, reason.subject, reason.is_error) == ("dependency.private-unmatched", "acme-*", False)


def test_the_longest_pattern_that_matches_counts():
    other = "https://other.acme.example/simple"
    private = {"acme-*": other, "acme-core": INDEX}
    assert codes_of(from_index(INDEX), component("acme-x", origin=Origin("registry", other)), private=private) == []


def test_scoped_names_of_npm_are_private_too():
    scoped = Component("library", "npm", "core", "1", namespace="@acme")
    assert codes_of(scoped, private={"@acme/*": INDEX}) == ["dependency.confusion"]


@pytest.mark.parametrize("ecosystem", ["deb", "rpm", "apk", "file"])
def test_what_no_index_of_a_language_hands_out_is_not_meant(ecosystem):
    installed = Component("library", ecosystem, "acme-core", "1")
    assert codes_of(installed) == ["dependency.private-unmatched"]


@pytest.mark.parametrize("pattern", ["", "a b", "[a-z]*", "аcme-*", "-acme", "acme?"])
def test_what_is_no_pattern_is_an_error(pattern):
    with pytest.raises(ConfigurationError, match="no pattern of names"):
        judge_private([], {pattern: INDEX})


@pytest.mark.parametrize(
    "index", ["", "pypi.acme.example", "https://", "https://a b/simple", "acme", "file:///srv/simple"]
)
def test_what_is_no_index_is_an_error(index):
    with pytest.raises(ConfigurationError, match="is no URL"):
        judge_private([], {"acme-*": index})


def test_two_spellings_of_one_pattern_are_an_error():
    with pytest.raises(ConfigurationError, match="two patterns are one"):
        judge_private([], {"acme-*": INDEX, "Acme_*": "https://other.acme.example/simple"})


def test_no_credential_is_ever_shown():
    lock = read_lock("requirements.txt", b"-i https://me:pa55@other.acme.example/simple\nacme-core==1\n")
    with_login = from_index("https://me:pa55@other.acme.example/simple")
    for each in (*lock.components, with_login):
        (reason,) = judge_private([each], {"acme-*": "https://me:pa55@pypi.acme.example/simple"})
        assert "pa55" not in reason.message
        assert "https://other.acme.example/simple" in reason.message


@pytest.mark.parametrize(
    "url", ["https://evil.example/acme_core-2.1.whl", "https://pypi.acme.example.evil.example/a.whl", "../a.whl"]
)
def test_a_file_that_is_fetched_from_elsewhere_than_the_index_is_denied(url):
    fetched = from_index(INDEX)._replace(distributions=(Distribution(url),))
    ((code, message),) = judged(fetched)
    assert code == "dependency.confusion"
    assert url in message


@pytest.mark.parametrize(
    "url", ["https://pypi.acme.example/packages/ab/acme_core-2.1.whl", "wheels/acme_core-2.1.whl", ""]
)
def test_a_file_on_the_host_of_the_index_or_in_the_project_is_let_through(url):
    assert codes_of(from_index(INDEX)._replace(distributions=(Distribution(url),))) == []


@pytest.mark.parametrize("kind", ["file", "operating-system", "data"])
def test_a_private_package_is_one_whatever_type_a_document_gives_to_it(kind):
    assert codes_of(component()._replace(type=kind)) == ["dependency.confusion"]
