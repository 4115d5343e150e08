"""Whatever stands where something else was expected, in any document of a layout or an archive: told or refused."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.images.layout import LAYER, Layout, described, opened, path_of, sha256, written
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import OCI_INDEX, OCI_MANIFEST

ODD = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, 10**25, "", "a", "\x00", f"sha256:{'0' * 64}", "../../x", OCI_INDEX, OCI_MANIFEST),
        *([], {}, [None], {"a": None}, [[]], [1] * 2_000),
    ]
)


def sound():
    """A layout that is also an archive, with something beside its image."""
    layout = Layout()
    image = layout.image(b"one", b"two", name="1", full="acme/app:1")
    layout.referring(image)
    layout.listed(layout.index_of(described(image)), OCI_INDEX, name=f"sha256-{sha256(image)[7:]}")
    config = layout.config(b"one", b"two")
    sources = {sha256(b"one"): described(b"one", LAYER)}
    paths = {"Config": path_of(config), "Layers": [path_of(b"one"), path_of(b"two")]}
    layout.files["manifest.json"] = written([{**paths, "RepoTags": ["acme/app:1"], "LayerSources": sources}])
    return layout, image, config


def places_in(value, at=()):
    """The ways to every value of a document."""
    yield at
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places_in(value[key], (*at, key))


def changed(document, draw):
    """The document with one value exchanged, left out, doubled, or under a name in another case."""
    document = copy.deepcopy(document)
    way = draw(st.sampled_from(list(places_in(document))[1:]))
    holder = document
    for key in way[:-1]:
        holder = holder[key]
    how = draw(st.sampled_from(["exchange", "leave out", "in another case"]))
    if how == "leave out":
        del holder[way[-1]]
    elif how == "exchange" or isinstance(holder, list):
        holder[way[-1]] = draw(ODD)
    else:
        holder[str(way[-1]).upper()] = draw(ODD)
    return document


@pytest.mark.parametrize("which", ["index", "manifest", "saved"])
@given(data=st.data())
def test_any_value_in_the_place_of_another_is_told_or_refused(which, data, tmp_path_factory):
    layout, image, _ = sound()
    if which == "index":
        layout.index = written(changed({"schemaVersion": 2, "manifests": layout.entries}, data.draw))
    elif which == "manifest":
        layout.entries = []
        layout.listed(layout.blob(written(changed(json.loads(image), data.draw))), name="1")
    else:
        layout.files["manifest.json"] = written(changed(json.loads(layout.files["manifest.json"]), data.draw))
    path = tmp_path_factory.getbasetemp() / "any.tar"
    path.write_bytes(layout.tar())
    for reference in (f"oci-archive:{path}", f"docker-archive:{path}:acme/app:1"):
        try:
            place = opened(reference)
        except Refused:
            continue
        try:
            resolved = place.resolve()
            place.referrers(resolved.digest)
            place.tagged(f"sha256-{resolved.digest.value}.sig")
            assert resolved.content in layout.files.values()
            assert which != "saved" or resolved.content == image
        except Refused:
            continue
        finally:
            place.close()
