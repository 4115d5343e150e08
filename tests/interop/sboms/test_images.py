"""What is found in images, against syft: every difference is a row of fixtures/sboms/images.toml, or fails."""

import subprocess
from collections import Counter

import pytest

from tests.support.peers.peers import executable
from tests.support.sboms import shapes
from tests.support.sboms.shapes import ROWS, spelled, written_at
from verifier.core.errors import Refused
from verifier.sbom.reading import read_bom

pytestmark = pytest.mark.interop
SYFTS = {"syft-1.18.1": ("syft", "SYFT"), "syft-1.57.1": ("syft-1.57", "SYFT_1_57")}
VERSIONS = [
    pytest.param("syft-1.18.1"),
    pytest.param("syft-1.57.1", marks=pytest.mark.nightly),
]
NAMES = [pytest.param(name, marks=pytest.mark.corpus if name in shapes.OF_CORPUS else ()) for name in ROWS]


def document_of(version, folder):
    """What this syft writes about an image; it must end well, for that is all that it says of most faults."""
    program = executable(*SYFTS[version])
    command = [program, "scan", f"oci-dir:{folder}", "-o", "cyclonedx-json@1.6", "--quiet"]
    environment = {"HOME": str(folder.parent), "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    ended = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout


def difference(theirs, ours):
    """What they list besides, and what they leave out."""
    more, less = Counter(theirs) - Counter(ours), Counter(ours) - Counter(theirs)
    return [*(f"+{each}" for each in sorted(more.elements())), *(f"-{each}" for each in sorted(less.elements()))]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_what_syft_finds_else_is_explained(name, version, tmp_path):
    content = document_of(version, written_at(name, tmp_path / "image"))
    row = ROWS[name]
    if "sbom.invalid" in row[version]:
        with pytest.raises(Refused) as refused:
            read_bom(content, subject=version)
        assert [refused.value.reasons[0].code] == row[version]
        return
    theirs = spelled(read_bom(content, subject=version).components)
    assert difference(theirs, row.get("found", [])) == row[version]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_swapped_module_changes_nothing_for_syft(version, tmp_path):
    """Item 13: whether or not a later layer swaps the module, it finds the same."""
    layers = shapes.layers_of("python-swapped-module")
    whole = shapes.layout_of(tmp_path / "whole", *layers[:1])
    swapped = shapes.layout_of(tmp_path / "swapped", *layers)
    found = [read_bom(document_of(version, folder), subject=version) for folder in (whole, swapped)]
    first, second = ([each for each in document.components if each.ecosystem == "pypi"] for document in found)
    assert spelled(first) == spelled(second) == ["pypi/six@1.16.0"]
    assert [each.hashes for each in first] == [each.hashes for each in second]


@pytest.mark.parametrize("version", VERSIONS)
def test_packages_come_from_the_layers_that_syft_says(version, tmp_path):
    """Item 11: it has them as properties of its own."""
    name = "python-of-debian"
    document = read_bom(document_of(version, written_at(name, tmp_path / "image")), subject=version)
    catalog = shapes.listed_of(name, tmp_path / "again")
    theirs = {each.name: dict(each.properties).get("syft:location:0:layerID") for each in document.components}
    ours = {each.name: each.layer for each in catalog.components if each.ecosystem}
    assert ours == {name: theirs[name] for name in ours}
