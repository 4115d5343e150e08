"""Layers that are made to hide what is in an image, or to cost whoever lists it more than they may."""

import io
import tarfile

import pytest
from backports import zstd

from tests.support.images.layout import CONFIG, LAYER, Layout, described, written
from tests.support.sboms.databases import DEBIAN, STATUS, dpkg, paragraph
from tests.support.sboms.layers import GONE, Hard, Link, contents_in, tar_of
from tests.support.sboms.shapes import spelled
from verifier.core.errors import Refused
from verifier.engine.targets.target import Target, contents_of
from verifier.formats.oci.manifest import OCI_MANIFEST
from verifier.sbom.catalog.table import catalog_of

SYSTEM = {**DEBIAN, **dpkg(paragraph("a"), a={"usr/bin/a": b"a"})}


def listed(folder, *layers, **how):
    return spelled(catalog_of(contents_in(folder, *layers, **how)).components)


def refusal(folder, *layers, **how):
    with pytest.raises(Refused) as error:
        listed(folder, *layers, **how)
    return error.value.reasons[0].code


def respelled(prefix):
    """The layer with every name written otherwise."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(tar_of(SYSTEM))) as before, tarfile.open(fileobj=out, mode="w") as after:
        for member in before:
            content = before.extractfile(member) if member.isfile() else None
            member.name = f"{prefix}{member.name}"
            after.addfile(member, content)
    return out.getvalue()


@pytest.mark.parametrize("prefix", ["./", "/"])
def test_a_database_whose_name_is_written_otherwise_is_found(tmp_path, prefix):
    assert listed(tmp_path, respelled(prefix)) == ["deb/a@1.0-1"]


def test_a_layer_that_is_packed_by_zstd_is_read_like_any(tmp_path):
    layout, tar = Layout(), tar_of(SYSTEM)
    packed = layout.blob(zstd.compress(tar))
    config, layers = described(layout.config(tar), CONFIG), [described(packed, f"{LAYER}+zstd")]
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers}
    layout.listed(layout.blob(written(document)))
    layout.write(tmp_path)
    found = catalog_of(contents_of(Target(reference=f"oci-layout:{tmp_path}")))
    assert spelled(found.components) == ["deb/a@1.0-1"]


@pytest.mark.parametrize("path", [STATUS, "var/lib/dpkg"])
def test_a_database_twice_in_one_layer_is_refused(tmp_path, path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for content in (SYSTEM[STATUS], b""):
            member = tarfile.TarInfo(path)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    assert refusal(tmp_path, out.getvalue()) == "archive.duplicate-member"


def test_a_whiteout_through_a_link_hides_no_database(tmp_path):
    """Runtimes differ in whether it removes anything: nothing is taken for gone that may be there."""
    assert listed(tmp_path, {**SYSTEM, "db": Link("var/lib/dpkg")}, {"db/status": GONE}, folders=False) == [
        "deb/a@1.0-1"
    ]


def test_a_database_that_is_written_once_more_through_a_link_is_refused(tmp_path):
    """For some runtimes there are two then."""
    upper = {"db/status": dpkg(paragraph("a", "2.0-1"))[STATUS]}
    assert refusal(tmp_path, {**SYSTEM, "db": Link("var/lib/dpkg")}, upper, folders=False) == "archive.duplicate-member"


def test_a_database_that_is_a_hard_link_to_a_file_of_any_name_is_not_passed_over(tmp_path):
    hidden = {"opt/notes": SYSTEM[STATUS], **{key: value for key, value in SYSTEM.items() if key != STATUS}}
    assert refusal(tmp_path, hidden, {STATUS: Hard("opt/notes")}) == "input.unreadable"


def test_a_database_that_is_a_device_is_not_passed_over(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        member = tarfile.TarInfo(STATUS)
        member.type = tarfile.CHRTYPE
        member.devmajor, member.devminor = 1, 3
        tar.addfile(member)
    assert refusal(tmp_path, {key: value for key, value in SYSTEM.items() if key != STATUS}, out.getvalue()) == (
        "input.unreadable"
    )


@pytest.mark.parametrize("cut", [1, 512])
def test_a_layer_that_is_cut_off_is_refused_and_not_listed_in_part(tmp_path, cut):
    tar = tar_of(SYSTEM)
    end = len(tar.rstrip(b"\0"))
    assert refusal(tmp_path, tar[: end - cut]) == "archive.truncated"


def test_another_layer_in_its_place_is_refused(tmp_path):
    layout = Layout()
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": described(layout.config(tar_of(SYSTEM), tar_of({})), CONFIG),
        "layers": [described(layout.blob(tar_of(SYSTEM)), LAYER)],
    }
    layout.listed(layout.blob(written(document)))
    layout.write(tmp_path)
    with pytest.raises(Refused) as error:
        contents_of(Target(reference=f"oci-layout:{tmp_path}"))
    assert error.value.reasons[0].code == "image.malformed"


def test_a_name_with_a_terminal_escape_is_refused(tmp_path):
    assert refusal(tmp_path, {**SYSTEM, "usr/\x1b[2Ja": b""}) == "archive.unsafe-name"
