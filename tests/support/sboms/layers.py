"""Images of a few small layers: written as a layout for whoever reads layouts, in milliseconds.

A layer is its entries by path: bytes are a file, `Link`, `Hard`, `Folder` and `Program` what they say, GONE a whiteout,
and OPAQUE a folder whose lower content is hidden.
"""

import gzip
import io
import tarfile
from typing import NamedTuple

from tests.support.images.layout import LAYER, Layout, described, written
from verifier.engine.targets.target import Target, contents_of
from verifier.formats.oci.manifest import OCI_MANIFEST

GONE, OPAQUE = "gone", "opaque"


class Link(NamedTuple):
    """A symbolic link, its target as it is written."""

    target: str


class Hard(NamedTuple):
    """A hard link to a path of the image."""

    target: str


class Folder(NamedTuple):
    """A folder that is written, whether or not anything is in it."""

    mode: int = 0o755


class Program(NamedTuple):
    """A file that may be run."""

    content: bytes


def tar_of(entries, *, folders=True):
    """The tar of a layer. `folders` writes the folders above its entries too, as most builders do."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        known = set()
        for path, what in entries.items():
            for above in _above(path) if folders else ():
                if above not in known and not isinstance(entries.get(above), Link):
                    known.add(above)
                    _add(tar, above, Folder())
            known.add(path)
            _add(tar, path, what)
    return out.getvalue()


def _above(path):
    parts = path.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def _add(tar, path, what):
    member, content = tarfile.TarInfo(path), b""
    member.mode = 0o644
    folder, _, name = path.rpartition("/")
    if what == GONE:
        member.name = f"{folder}/.wh.{name}".lstrip("/")
    elif what == OPAQUE:
        member.name = f"{path}/.wh..wh..opq"
    elif isinstance(what, Link):
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, what.target, 0o777
    elif isinstance(what, Hard):
        member.type, member.linkname = tarfile.LNKTYPE, what.target
    elif isinstance(what, Folder):
        member.type, member.mode = tarfile.DIRTYPE, what.mode
    elif isinstance(what, Program):
        content, member.mode = what.content, 0o755
    else:
        content = what
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def layout_of(folder, *layers, folders=True, name=None, packed=True):
    """A layout in `folder` with one image of these layers, lowest first; returns `folder`."""
    layout = Layout()
    layout.listed(image_of(layout, *layers, folders=folders, packed=packed), name=name)
    return layout.write(folder)


def image_of(layout, *layers, folders=True, packed=True, **config):
    """The manifest of such an image, not listed."""
    tars = [each if isinstance(each, bytes) else tar_of(each, folders=folders) for each in layers]
    blobs = [gzip.compress(each, mtime=0) if packed else each for each in tars]
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": described(layout.config(*tars, **config), "application/vnd.oci.image.config.v1+json"),
        "layers": [described(layout.blob(each), f"{LAYER}+gzip" if packed else LAYER) for each in blobs],
    }
    return layout.blob(written(document))


def contents_in(folder, *layers, all_layers=False, **how):
    """The contents of such an image, read from its layout."""
    layout_of(folder, *layers, **how)
    return contents_of(Target(reference=f"oci-layout:{folder}", all_layers=all_layers))


def paths(contents):
    """Every path of the contents but folders'."""
    return sorted(each.path for each in contents.files if each.type != "directory")
