"""What later layers of an image delete is listed where it is asked for, and told apart from what is there."""

import json

from tests.support.sboms.databases import DEBIAN, STATUS, paragraph
from tests.support.sboms.installed import dist_info
from tests.support.sboms.layers import GONE, contents_in
from verifier.sbom.catalog.deleted import DELETED_BY
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.generate import generate

SITE = "usr/lib/python3/site-packages"


def layers(*states):
    """Layers of a Debian of which each brings these packages, by name and version."""
    return [
        {**(DEBIAN if number == 0 else {}), STATUS: b"\n".join(paragraph(*each) for each in state)}
        for number, state in enumerate(states)
    ]


def deleted(catalog):
    """What is gone, and the layer that has deleted it."""
    return {
        (each.name, each.version): dict(each.properties)[DELETED_BY]
        for each in catalog.components
        if DELETED_BY in dict(each.properties)
    }


def test_without_being_asked_for_nothing_that_is_gone_is_listed(tmp_path):
    found = catalog_of(contents_in(tmp_path, *layers([("a", "1"), ("b", "1")], [("a", "2")])))
    assert [(each.name, each.version) for each in found.components if each.ecosystem] == [("a", "2")]
    assert deleted(found) == {}


def test_what_is_removed_or_upgraded_is_told_with_the_layer_that_does(tmp_path):
    states = [("a", "1"), ("b", "1"), ("c", "1")], [("a", "2"), ("b", "1")], [("a", "3"), ("d", "1")]
    contents = contents_in(tmp_path, *layers(*states), all_layers=True)
    second, third = map(str, contents.layers[1:])
    found = catalog_of(contents)
    assert deleted(found) == {("a", "1"): second, ("c", "1"): second, ("a", "2"): third, ("b", "1"): third}
    assert len({each.ref for each in found.components}) == len(found.components)
    assert [each.ref for each in found.components] == sorted(each.ref for each in found.components)


def test_what_is_deleted_and_comes_back_is_there(tmp_path):
    contents = contents_in(tmp_path, *layers([("a", "1")], [("b", "1")], [("a", "1")]), all_layers=True)
    found = catalog_of(contents)
    assert deleted(found) == {("b", "1"): str(contents.layers[2])}


def test_of_files_those_that_are_removed_and_those_that_are_swapped_are_told(tmp_path):
    made = dist_info("six", "1.16.0", {"six.py": b"import os\n"})
    upper = {f"{SITE}/six.py": b"import io\n", f"{SITE}/six-1.16.0.dist-info/INSTALLER": GONE}
    found = catalog_of(contents_in(tmp_path, made, upper, all_layers=True), files=True)
    assert {each for each, _ in deleted(found)} == {f"{SITE}/six.py", f"{SITE}/six-1.16.0.dist-info/INSTALLER"}
    assert [each.name for each in found.components].count(f"{SITE}/six.py") == 2


def test_what_is_deleted_depends_on_nothing_and_nothing_on_it(tmp_path):
    status = paragraph("a", "1", Depends="b"), paragraph("b", "1")
    contents = contents_in(tmp_path, {**DEBIAN, STATUS: b"\n".join(status)}, {STATUS: status[0]}, all_layers=True)
    found = catalog_of(contents)
    (gone,) = [each.ref for each in found.components if DELETED_BY in dict(each.properties)]
    assert gone not in {ref for ref, others in found.dependencies for ref in (ref, *others)}


def test_a_document_says_it(tmp_path):
    contents = contents_in(tmp_path, *layers([("a", "1")], [("b", "1")]), all_layers=True)
    document = json.loads(generate(catalog_of(contents), form="cyclonedx", spec_version="1.6", timestamp=None))
    said = {each["name"]: {item["name"] for item in each.get("properties", [])} for each in document["components"]}
    assert DELETED_BY in said["a"]
    assert DELETED_BY not in said["b"]


def test_each_package_has_the_layer_that_it_comes_from_and_the_image_all_of_them(tmp_path):
    """Item 11."""
    upper = dist_info("six", "1.16.0")
    contents = contents_in(tmp_path, *layers([("a", "1")]), upper)
    found = catalog_of(contents)
    assert {each.name: each.layer for each in found.components if each.ecosystem} == {
        "a": str(contents.layers[0]),
        "six": str(contents.layers[1]),
    }
    document = generate(found, form="cyclonedx", spec_version="1.6", timestamp=None).decode()
    assert all(str(each) in document for each in (*contents.layers, *contents.digests))
