"""Code that Python packages carry along: it is listed, nested in who carries it, where it really is there."""

from tests.support.sboms.installed import SITE, dist_info
from tests.support.sboms.made import contents
from verifier.sbom.catalog.table import catalog_of

LIST = b"requests==2.32.3\n    idna==3.7\n# a comment\nsetuptools==70.3.0\nmsgpack==1.0.8 ; python_version < '4'\n"
CODE = {
    "pip/__init__.py": b"",
    "pip/_vendor/requests/__init__.py": b"",
    "pip/_vendor/idna/__init__.py": b"",
    "pip/_vendor/pkg_resources/__init__.py": b"",
    "pip/_vendor/msgpack.py": b"",
    "pip/_vendor/vendor.txt": LIST,
}


def listed(files):
    """The catalogue of an image that has these files, and its Python components by name."""
    catalog = catalog_of(contents(files))
    return catalog, {each.name: each for each in catalog.components if each.ecosystem == "pypi"}


def warnings(catalog):
    return [(reason.subject, reason.message) for reason in catalog.findings if reason.code == "package.contradictory"]


def test_what_a_list_names_is_nested_in_the_package_that_has_it():
    catalog, found = listed(dist_info("pip", "24.2", CODE))
    nested = {name: each for name, each in found.items() if each.parent}
    assert {name: each.version for name, each in nested.items()} == {
        "requests": "2.32.3",
        "idna": "3.7",
        "setuptools": "70.3.0",
        "msgpack": "1.0.8",
    }
    assert {each.parent for each in nested.values()} == {found["pip"].ref}
    assert all(("verifier:vendored-in", "pkg:pypi/pip@24.2") in each.properties for each in nested.values())
    assert catalog.findings == ()


def test_without_a_record_the_folder_says_who_carries_it():
    files = {f"{SITE}/{path}": content for path, content in CODE.items()}
    _, found = listed(files | {f"{SITE}/pip-24.2.egg-info": b"Name: pip\nVersion: 24.2\n"})
    assert found["requests"].parent == found["pip"].ref


def test_what_a_list_names_and_is_not_there_is_told_and_not_listed():
    code = {path: content for path, content in CODE.items() if "idna" not in path}
    catalog, found = listed(dist_info("pip", "24.2", code))
    assert "idna" not in found
    assert "idna 3.7" in warnings(catalog)[0][1]


def test_lines_that_name_no_version_are_told():
    code = CODE | {"pip/_vendor/vendor.txt": LIST + b"-e git+https://acme.example/x\n"}
    catalog, _ = listed(dist_info("pip", "24.2", code))
    assert len(warnings(catalog)) == 1


def test_another_file_that_is_called_so_is_none():
    catalog, found = listed({"srv/vendor/vendor.txt": b"Dear vendor,\nplease send more.\n"})
    assert found == {}
    assert catalog.findings == ()


def test_distributions_inside_another_are_nested_in_it():
    inner = dist_info("wheel", "0.43", {"wheel.py": b""}, site="setuptools/_vendor")
    catalog, found = listed(dist_info("setuptools", "70.0", inner | {"setuptools/__init__.py": b""}))
    assert found["wheel"].parent == found["setuptools"].ref
    assert catalog.findings == ()
