"""Documents and catalogues made in memory: components of every ecosystem, as they are written and as they are found."""

from verifier.core.digest import Digest
from verifier.formats.bom.catalog import Catalog
from verifier.formats.bom.component import FILE, Component, Distribution, Hash
from verifier.formats.bom.document import BomDocument, Tool

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64
DIGEST = Digest(algorithm="sha256", value="a" * 64)


def sha256(*values):
    return tuple(Hash("SHA-256", value) for value in values)


def file(path, value=ONE, **said):
    return Component("file", FILE, path, path=path, hashes=sha256(value), **said)


def package(purl, *hashes, **said):
    """A library from a purl without anything that is escaped: `pkg:deb/debian/a@1?arch=all`."""
    rest, _, qualifiers = purl.removeprefix("pkg:").partition("?")
    ecosystem, _, rest = rest.partition("/")
    place, _, version = rest.partition("@") if not rest.startswith("@") else rest.rpartition("@")
    namespace, _, name = place.rpartition("/")
    pairs = tuple(tuple(each.split("=", 1)) for each in qualifiers.split("&") if each)
    given = {"namespace": namespace, "qualifiers": pairs, "hashes": sha256(*hashes), "purl": purl} | said
    return Component("library", ecosystem, name, version or None, **given)


def locked(purl, *hashes, host="https://index.acme.example"):
    """A package with what is handed out of it, as a lock has it."""
    distributions = tuple(Distribution(f"{host}/{number}.whl", sha256(value)) for number, value in enumerate(hashes))
    return package(purl)._replace(distributions=distributions)


def catalog(*components, kind="image", subject=None, ecosystems=(), **said):
    subject = subject or Component("application", "", "app")
    return Catalog(kind=kind, subject=subject, components=components, ecosystems=frozenset(ecosystems), **said)


def document(*components, tool="policy-verifier", subject=None, **said):
    tools = (Tool(name=tool),) if tool else ()
    given = {"format": "cyclonedx", "spec_version": "1.6", "digest": DIGEST} | said
    return BomDocument(subject=subject, components=components, tools=tools, **given)
