"""The image of the measurements, listed by us, by syft and by trivy: what is there is found, what is found is there."""

import json
import subprocess
import tarfile
from collections import Counter

import pytest

from tests.support.peers.debian_image import ALTERED, HIDDEN, REMOVED, UPGRADED, cached_image
from tests.support.peers.peers import executable
from tests.support.sboms.shapes import spelled
from verifier.engine.targets.target import Target, contents_of
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.reading import read_bom

pytestmark = [pytest.mark.interop, pytest.mark.nightly]
INVENTED = [
    "npm/web-streams-polyfill-es2018@UNKNOWN",
    "npm/web-streams-polyfill-es6@UNKNOWN",
    "npm/web-streams-ponyfill-es2018@UNKNOWN",
    "npm/web-streams-ponyfill-es6@UNKNOWN",
    "npm/web-streams-ponyfill@UNKNOWN",
]
"""Parts of one npm package, each with a `package.json` of its own and no version: syft takes them for packages."""
SYFTS = {"syft-1.18.1": ("syft", "SYFT"), "syft-1.57.1": ("syft-1.57", "SYFT_1_57")}


@pytest.fixture(scope="module")
def image():
    folder = cached_image()
    if folder is None:
        pytest.skip("the image takes 16 minutes to make: python -m benchmarks.sboms.make_image")
    return folder


@pytest.fixture(scope="module")
def contents(image):
    return contents_of(Target(reference=f"oci-layout:{image}", all_layers=True))


@pytest.fixture(scope="module")
def catalog(image):
    return catalog_of(contents_of(Target(reference=f"oci-layout:{image}")))


def run(room, *command):
    environment = {"HOME": str(room), "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout


@pytest.mark.parametrize("version", SYFTS)
def test_every_package_that_syft_finds_is_found_and_no_other(version, image, catalog, tmp_path):
    command = executable(*SYFTS[version]), "scan", f"oci-dir:{image}", "-o", "cyclonedx-json@1.6", "--quiet"
    document = read_bom(run(tmp_path, *command), subject=version)
    theirs, ours = Counter(spelled(document.components)), Counter(spelled(catalog.components))
    assert sorted((theirs - ours).elements()) == INVENTED
    inside = [each for each in catalog.components if "verifier:vendored-in" in dict(each.properties)]
    carried = [each for each in inside if each.ecosystem == "pypi"]
    assert sorted((ours - theirs).elements()) == spelled(carried)
    true = theirs - Counter(INVENTED)
    recall = (true & ours).total() / true.total()
    precision = (ours & (true + Counter(spelled(carried)))).total() / ours.total()
    assert min(recall, precision) >= 0.99


def test_every_package_of_the_system_that_trivy_finds_is_found(image, contents, tmp_path):
    """It reads a folder: the database of the first layer."""
    (below,) = contents.before
    manifest = json.loads(blob(image, json.loads((image / "index.json").read_text())["manifests"][0]).read_bytes())
    root = tmp_path / "root"
    with tarfile.open(blob(image, manifest["layers"][0])) as tar:
        wanted = [
            each
            for each in tar
            if each.name.startswith(("var/lib/dpkg/", "etc/debian", "etc/os-release", "usr/lib/os"))
        ]
        tar.extractall(root, members=wanted, filter="tar")
    program = executable("trivy-cdxgen", "TRIVY_CDXGEN")
    out = run(tmp_path, program, "rootfs", str(root), "--format", "cyclonedx", "--quiet", "--output", "/dev/stdout")
    theirs = [each for each in spelled(read_bom(out, subject="trivy").components) if each.startswith("deb/")]
    assert [each for each in spelled(catalog_of(below).components) if each.startswith("deb/")] == theirs


def blob(image, described):
    return image / "blobs" / "sha256" / described["digest"].removeprefix("sha256:")


def test_what_the_second_layer_changes_is_seen(contents, catalog):
    found = {each.name: each for each in catalog.components if each.ecosystem == "deb"}
    assert found[UPGRADED].version.endswith("+deb12u99")
    assert REMOVED not in found
    assert ("glob", "99.0.0") in {(each.name, each.version) for each in catalog.components}
    assert ALTERED in catalog.integrity.altered
    assert [path for path in catalog.integrity.missing if path.startswith(HIDDEN)]
    assert contents.files.find(ALTERED).layer == 1


def test_what_the_second_layer_deletes_is_listed_where_it_is_asked_for(contents, catalog):
    whole = catalog_of(contents)
    more = [each for each in whole.components if each not in catalog.components]
    assert {(each.ecosystem, each.name) for each in more} == {
        ("deb", REMOVED),
        ("deb", UPGRADED),
        ("npm", "abbrev"),
        ("npm", "glob"),
    }
    assert {dict(each.properties)["verifier:oci:deleted-by"] for each in more} == {str(contents.layers[1])}
