"""SBOMs of images in memory, and the records of packages in them."""

import json

from tests.support.images.made import MemoryPlace
from verifier.engine.targets.image import contents_in
from verifier.engine.targets.target import Target
from verifier.sbom.catalog.table import catalog_of
from verifier.sbom.generate import generate


def STATUS(*packages: tuple[str, str]) -> bytes:  # noqa: N802 - the file is called so
    """A dpkg `status` of these packages."""
    return "\n".join(
        f"Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n"
        for name, version in packages
    ).encode()


def bom_of(place: MemoryPlace) -> dict:
    """The SBOM of the one image that the place points at, as JSON values."""
    found = contents_in(place, Target(reference=place.uri))
    return json.loads(generate(catalog_of(found), spec_version="1.6"))
