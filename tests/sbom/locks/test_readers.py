"""Every lock format: what a small, sound lock comes to; and the genuine ones, held against an independent reading."""

import pytest

from tests.support.sboms.locks import GENUINE, INDEX, SMALL, A, B, C, genuine, keyed, said
from verifier.formats.bom.component import Distribution, Hash, Origin
from verifier.sbom.locks.table import format_of, read_lock

SOURCES = {"(index not recorded)": {"unrecorded"}, "(default index)": {"registry"}, "registry": {"registry"}}
SOURCES |= {"git": {"git"}, "editable": {"editable"}, "index": {"registry", "unrecorded"}}


def read(name):
    return read_lock(name, SMALL[name].encode())


def sha(value):
    return Hash("SHA-256", value)


@pytest.mark.corpus
@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_lock_comes_to_exactly_its_packages(name):
    content, expected = genuine(name)
    file, rows, components = GENUINE[name]
    lock = read_lock(file, content)
    found = keyed(lock.components)
    assert found.keys() == expected.keys()
    assert (len(lock.rows), len(lock.components)) == (rows, components)
    hashes = {key: len({each for file in found[key].distributions for each in file.hashes}) for key in found}
    assert hashes == {key: each["hashCount"] for key, each in expected.items()}
    assert all(found[key].origin.kind in SOURCES[each["source"]] for key, each in expected.items())
    assert all(row.line > 0 for row in lock.rows)


@pytest.mark.corpus
@pytest.mark.parametrize("name", GENUINE)
def test_a_row_stands_on_the_line_that_it_names(name):
    content, _ = genuine(name)
    file = GENUINE[name][0]
    lines = content.decode().split("\n")
    for row in read_lock(file, content).rows:
        near = "\n".join(lines[row.line - 1 : row.line + 1])
        assert row.name.lower().replace("_", "-") in near.lower().replace("_", "-").replace(".", "-") or "." in row.name


@pytest.mark.parametrize("name", SMALL)
def test_refs_are_unique_and_sorted_and_edges_lead_to_them(name):
    lock = read(name)
    refs = [each.ref for each in lock.components]
    assert refs == sorted(set(refs))
    assert {ref for pair in lock.dependencies for ref in (pair[0], *pair[1])} <= set(refs)
    assert said(lock.components[0], "path") == [name]


def test_uv_has_sources_groups_extras_markers_and_edges():
    lock = read("uv.lock")
    found = {each.name: each for each in lock.components}
    assert [each.origin for each in found.values()] == [
        Origin("editable", "."),
        Origin("registry", INDEX),
        Origin("git", "https://git.acme.example/checks", "d" * 40),
        Origin("registry", INDEX),
        Origin("url", "https://files.acme.example/speed-1.2+fast-py3-none-any.whl"),
    ]
    assert lock.root == "pkg:pypi/acme-app@1.0.0"
    assert dict(lock.dependencies)["pkg:pypi/acme-core@2.1"] == ("pkg:pypi/speed@1.2%2Bfast",)
    assert found["acme-core"].distributions == (
        Distribution("https://pypi.acme.example/files/acme_core-2.1.tar.gz", (sha(A),)),
        Distribution("https://pypi.acme.example/files/acme_core-2.1-py3-none-any.whl", (sha(B),)),
    )
    assert said(found["colour"], "marker") == ["sys_platform == 'win32'"]
    assert said(found["checks"], "group") == ["test"]
    assert (said(found["speed"], "group"), said(found["speed"], "extra")) == (["default"], ["fast"])
    assert (lock.version, lock.groups, lock.extras) == ("1.3", ("default", "test"), ("fast",))


def test_poetry_has_its_own_source_the_default_index_or_a_repository():
    found = {each.name: each for each in read("poetry.lock").components}
    assert found["acme_core"].origin == Origin("registry", INDEX)
    assert found["speed"].origin == Origin("registry", "https://pypi.org/simple")
    assert found["tree"].origin == Origin("git", "https://git.acme.example/tree.git", "d" * 40)
    assert found["tree"].qualifiers == (("vcs_url", f"git+https://git.acme.example/tree.git@{'d' * 40}"),)
    assert said(found["speed"], "group") == ["main", "test"]
    assert said(found["speed"], "extra") == ["fast"]
    assert said(found["acme_core"], "marker") == ['python_version < "3.12"']
    assert dict(read("poetry.lock").dependencies)["pkg:pypi/acme-core@2.1"] == ("pkg:pypi/speed@1.2",)


def test_poetry_before_2_keeps_digests_and_groups_elsewhere():
    older = f"""\
[[package]]
name = "Speed"
version = "1.2"
category = "dev"

[metadata]
lock-version = "1.1"
content-hash = "e"

[metadata.files]
speed = [{{file = "speed-1.2.tar.gz", hash = "sha256:{A}"}}]
"""
    (component,) = read_lock("poetry.lock", older.encode()).components
    assert component.distributions == (Distribution("", (sha(A),)),)
    assert said(component, "group") == ["dev"]


def test_pdm_repeats_a_row_for_each_extra_and_records_no_index():
    lock = read("pdm.lock")
    assert (len(lock.rows), len(lock.components)) == (3, 2)
    speed = lock.components[1]
    assert speed.origin == Origin("unrecorded")
    assert speed.distributions == (Distribution("", (sha(B),)),)
    assert said(speed, "package-extra") == ["fast"]
    assert said(speed, "marker") == ['python_version < "3.12"']
    assert dict(lock.dependencies)["pkg:pypi/acme-core@2.1"] == ("pkg:pypi/speed@1.2",)


def test_pylock_has_what_packaging_reads_and_a_source_tree_without_version():
    lock = read("pylock.toml")
    core, speed, tree = lock.components
    assert (core.origin, speed.origin) == (Origin("registry", INDEX), Origin("unrecorded"))
    assert (tree.version, tree.ref) == (None, "pkg:pypi/tree")
    assert said(speed, "extra") == ["fast"]
    assert core.distributions == (Distribution("https://pypi.acme.example/a", (sha(A),)),)
    assert dict(lock.dependencies)[core.ref] == (speed.ref,)


def test_pylock_with_names_that_are_not_normalised_is_read_with_a_warning():
    spelt = SMALL["pylock.toml"].replace('name = "acme-core"', 'name = "Acme.Core"')
    lock = read_lock("pylock.toml", spelt.encode())
    assert [each.code for each in lock.findings] == ["dependency.lock-irregular"]
    assert keyed(lock.components).keys() == keyed(read("pylock.toml").components).keys()


def test_pipenv_has_every_section():
    lock = read("Pipfile.lock")
    assert lock.groups == ("default", "develop", "docs")
    assert [each.name for each in lock.components] == ["acme-core", "pages", "speed", "tree"]
    assert said(lock.components[0], "group") == ["default", "develop"]
    assert lock.components[0].origin == Origin("registry", INDEX)


@pytest.mark.parametrize(("name", "package"), [("Pipfile.lock", "tree"), ("pylock.toml", "tree")])
def test_what_comes_from_a_repository_without_version_gets_none_invented(name, package):
    (tree,) = [each for each in read(name).components if each.name == package]
    assert (tree.version, tree.origin.revision) == (None, "d" * 40)


def test_requirements_have_every_hash_the_index_and_markers():
    lock = read("requirements.txt")
    core, speed = lock.components
    assert core.distributions == (Distribution("", (sha(A),)), Distribution("", (sha(B),)))
    assert (core.origin, speed.version) == (Origin("registry", INDEX), "1.2")
    assert said(speed, "marker") == ['python_version < "3.12"']
    assert said(speed, "package-extra") == ["fast"]
    assert speed.distributions == (Distribution("", (sha(C),)),)


@pytest.mark.parametrize("name", SMALL)
def test_a_lock_with_carriage_returns_reads_the_same(name):
    assert read_lock(name, SMALL[name].replace("\n", "\r\n").encode()).components == read(name).components


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("requirements.txt", "# nothing\n"),
        ("pdm.lock", SMALL["pdm.lock"].partition("[[package]]")[0]),
        ("pylock.toml", 'lock-version = "1.0"\ncreated-by = "acme"\npackages = []\n'),
    ],
)
def test_a_lock_that_pins_nothing_is_told_aloud(name, content):
    (finding,) = read_lock(name, content.encode()).findings
    assert (finding.code, finding.message) == ("dependency.lock-irregular", "it pins nothing at all")


def test_a_pdm_lock_that_lost_what_it_needs_is_told_aloud():
    cut = "[[package]]".join(SMALL["pdm.lock"].replace('; python_version < \\"3.12\\"', "").split("[[package]]")[:2])
    (finding,) = read_lock("pdm.lock", cut.encode()).findings
    assert finding.message == "it depends on speed, and does not pin it"


def test_two_versions_of_one_name_are_two_components():
    file = f'{{file = "speed-2.0-py3-none-any.whl", hash = "sha256:{C}"}}'
    second = f'\n[[package]]\nname = "speed"\nversion = "2.0"\nfiles = [{file}]\n'
    changed = SMALL["poetry.lock"].replace("\n[extras]", f"{second}\n[extras]")
    versions = [each.version for each in read_lock("poetry.lock", changed.encode()).components if each.name == "speed"]
    assert versions == ["1.2", "2.0"]


def test_one_version_from_two_sources_is_one_component_that_names_both():
    row = SMALL["uv.lock"].split("[[package]]")[4]
    other = row.replace(INDEX, "https://pypi.org/simple").replace(C, A)
    lock = read_lock("uv.lock", f"{SMALL['uv.lock']}\n[[package]]{other}".encode())
    (colour,) = [each for each in lock.components if each.name == "colour"]
    assert said(colour, "source") == [f"registry {INDEX}", "registry https://pypi.org/simple"]
    assert len(colour.distributions) == 2


@pytest.mark.parametrize(
    "name",
    [
        "pylock.dev.toml",
        "dev-requirements.txt",
        "requirements/main.txt",
        "a/b/uv.lock",
        "pdm.dev.lock",
        "requirements.in",
    ],
)
def test_locks_go_by_the_names_that_their_tools_give_them(name):
    assert format_of(name) is not None


@pytest.mark.parametrize("name", ["package-lock.json", "pylock.toml.bak", "uv.lock~", "Pipfile", "pyproject.toml"])
def test_other_files_are_no_locks(name):
    assert format_of(name) is None


def test_nothing_that_opens_an_index_gets_into_a_component():
    secret = "s3cr3t"
    with_login = SMALL["requirements.txt"].replace("https://", f"https://user:{secret}@")
    with_query = with_login + f"tree @ git+https://{secret}@git.acme.example/tree@{'d' * 40}?token={secret}\n"
    lock = read_lock("requirements.txt", with_query.encode())
    assert secret not in repr((lock.components, lock.rows, lock.indexes))
    assert lock.indexes == (INDEX,)
