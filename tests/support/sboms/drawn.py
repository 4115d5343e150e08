"""Artifacts drawn by chance: contents of every kind, with names and versions that formats write each in their own way.

The same seed draws the same artifact.
"""

import hashlib
import json
import random

from tests.support.sboms.made import contents
from verifier.core.digest import Digest
from verifier.core.rego import ModuleAnalysis
from verifier.evidence.contents import RegoContents

NAMES = ["zlib", "Ruamel.Yaml", "libstdc++6", "g++-12", "python3.11", "a_b", "lib-x.y_z", "JSONStream", "X", "über"]
DEBIAN = ["1.0-1", "1:2.3-4+deb12u1", "2.0~rc1-1", "1.2.3+dfsg-1.1", "20240101", "0.0~git20240101.abcdef-1+b2"]
ALPINE = ["1.2.3-r0", "1.0_rc1-r2", "3.1.4b-r1", "20240101-r0"]
PYTHON = ["1.0", "2.0rc1", "1!1.0", "1.0+local.1", "1.0.post1", "0.1.dev3"]
SEMVER = ["1.0.0", "1.0.0-rc.1", "2.3.4+build.5", "0.0.1-alpha"]


class Drawing:
    """What is drawn next."""

    def __init__(self, seed):
        self.chance = random.Random(seed)  # noqa: S311 - no secret

    def names(self, most=8):
        return [f"{self.chance.choice(NAMES)}{at}" for at in range(self.chance.randint(1, most))]

    def plain_names(self, most=8):
        return [name.replace("ü", "u").replace("+", "p") for name in self.names(most)]

    def one_of(self, choices):
        return self.chance.choice(choices)

    def digest(self):
        return f"{self.chance.getrandbits(256):064x}"

    def content(self):
        return self.chance.randbytes(self.chance.randint(0, 40))


def image(seed):
    drawing = Drawing(seed)
    system = drawing.one_of([debian, alpine])
    digest = Digest(algorithm="sha256", value=drawing.digest())
    files = {**system(drawing), **site(drawing, "usr/lib/python3/dist-packages"), **modules(drawing), **loose(drawing)}
    return contents(files, name="registry.acme.example/team/app", version=None, digests=(digest,))


def environment(seed):
    drawing = Drawing(seed)
    files = {**site(drawing, "lib/python3.12/site-packages"), **modules(drawing), **loose(drawing)}
    return contents(files, kind="environment", name="venv", version=None)


def debian(drawing):
    paragraphs = [
        f"Package: {name.lower()}\nStatus: install ok installed\nArchitecture: {drawing.one_of(['amd64', 'all'])}\n"
        f"Version: {drawing.one_of(DEBIAN)}\nDescription: {name}\n"
        for name in drawing.plain_names()
    ]
    release = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian"\n'
    return {"etc/os-release": release, "var/lib/dpkg/status": "\n".join(paragraphs).encode()}


def alpine(drawing):
    records = [f"P:{name}\nV:{drawing.one_of(ALPINE)}\nA:x86_64\nL:MIT\n" for name in drawing.plain_names()]
    return {"etc/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n", "lib/apk/db/installed": "\n".join(records).encode()}


def site(drawing, folder):
    files = {}
    for name in drawing.plain_names():
        version = drawing.one_of(PYTHON)
        at = f"{folder}/{name.replace('-', '_')}-{version}.dist-info"
        files[f"{at}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n\n".encode()
    return files


def modules(drawing):
    scopes = ["", "@acme/", "@Acme/"]
    named = [drawing.one_of(scopes) + name for name in drawing.plain_names()]
    return {
        f"srv/node_modules/{name}/package.json": json.dumps(
            {"name": name, "version": drawing.one_of(SEMVER), "license": "ISC"}
        ).encode()
        for name in named
    }


def loose(drawing):
    return {f"opt/{name}/ä b%20c#{name}.txt": drawing.content() for name in drawing.names()}


def bundle(seed):
    drawing = Drawing(seed)
    files = {f"{name}/data.json": json.dumps({"a": drawing.digest()}).encode() for name in drawing.names()}
    paths = [f"{name}/p é.rego" for name in drawing.plain_names()]
    files |= {path: f"package p{at}\n".encode() for at, path in enumerate(paths)}
    analyses = tuple(
        ModuleAnalysis(path, package=(f"p{at}",), builtins=frozenset({drawing.one_of(["http.send", "time.now_ns"])}))
        for at, path in enumerate(paths)
    )
    whole = repr(sorted(files.items())).encode()
    digests = (
        Digest.of(whole),
        Digest(algorithm="sha512", value=hashlib.sha512(whole).hexdigest()),
    )
    rego = RegoContents(analyses=analyses, roots=("",), versions=dict.fromkeys(paths, 1))
    return contents(files, kind="bundle", name="authz", version=drawing.one_of(SEMVER), digests=digests, rego=rego)


def project(seed):
    drawing = Drawing(seed)
    lines = [
        f"{name}=={drawing.one_of(PYTHON)} --hash=sha256:{drawing.digest()} --hash=sha256:{drawing.digest()}"
        for name in drawing.plain_names(20)
    ]
    return contents({"requirements.txt": "\n".join(lines).encode()}, kind="project", name="app", version=None)


KINDS = {"bundle": bundle, "image": image, "project": project, "environment": environment}
