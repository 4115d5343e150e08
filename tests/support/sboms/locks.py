"""Lock files made small, one a format, and the genuine ones of the corpus."""

import json

from tests.support.material import corpus
from verifier.formats.pypi.names import normalised

A, B, C = "a" * 64, "b" * 64, "c" * 64
INDEX = "https://pypi.acme.example/simple"

UV = f"""\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "acme-app"
version = "1.0.0"
source = {{ editable = "." }}
dependencies = [
    {{ name = "acme-core" }},
    {{ name = "colour", marker = "sys_platform == 'win32'" }},
]

[package.optional-dependencies]
fast = [{{ name = "speed" }}]

[package.dev-dependencies]
test = [{{ name = "checks" }}]

[[package]]
name = "acme-core"
version = "2.1"
source = {{ registry = "{INDEX}" }}
dependencies = [{{ name = "speed" }}]
sdist = {{ url = "https://pypi.acme.example/files/acme_core-2.1.tar.gz", hash = "sha256:{A}", size = 1 }}
wheels = [
    {{ url = "https://pypi.acme.example/files/acme_core-2.1-py3-none-any.whl", hash = "sha256:{B}", size = 2 }},
]

[[package]]
name = "checks"
version = "3.0"
source = {{ git = "https://git.acme.example/checks?rev=main#{"d" * 40}" }}

[[package]]
name = "colour"
version = "0.4"
source = {{ registry = "{INDEX}" }}
wheels = [{{ url = "https://pypi.acme.example/files/colour-0.4-py3-none-any.whl", hash = "sha256:{C}" }}]

[[package]]
name = "speed"
version = "1.2+fast"
source = {{ url = "https://files.acme.example/speed-1.2+fast-py3-none-any.whl" }}
wheels = [{{ url = "https://files.acme.example/speed-1.2+fast-py3-none-any.whl", hash = "sha256:{A}" }}]
"""

POETRY = f"""\
[[package]]
name = "acme_core"
version = "2.1"
description = ""
optional = false
python-versions = ">=3.8"
groups = ["main"]
markers = "python_version < \\"3.12\\""
files = [
    {{file = "acme_core-2.1-py3-none-any.whl", hash = "sha256:{A}"}},
]

[package.dependencies]
Speed = {{version = ">=1", markers = "sys_platform == 'linux'"}}

[package.source]
type = "legacy"
url = "{INDEX}"
reference = "acme"

[[package]]
name = "speed"
version = "1.2"
groups = ["main", "test"]
files = [
    {{file = "speed-1.2.tar.gz", hash = "sha256:{B}"}},
]

[[package]]
name = "tree"
version = "0.1"
files = []

[package.source]
type = "git"
url = "https://git.acme.example/tree.git"
reference = "main"
resolved_reference = "{"d" * 40}"

[extras]
fast = ["speed"]

[metadata]
lock-version = "2.1"
python-versions = ">=3.8"
content-hash = "{"e" * 64}"
"""

PDM = f"""\
[metadata]
groups = ["default", "test"]
strategy = ["inherit_metadata"]
lock_version = "4.5.1"
content_hash = "sha256:{"e" * 64}"

[[package]]
name = "acme-core"
version = "2.1"
groups = ["default"]
dependencies = [
    "speed[fast]>=1; python_version < \\"3.12\\"",
]
files = [
    {{file = "acme_core-2.1.tar.gz", hash = "sha256:{A}"}},
]

[[package]]
name = "speed"
version = "1.2"
groups = ["default", "test"]
files = [
    {{file = "speed-1.2.tar.gz", hash = "sha256:{B}"}},
]

[[package]]
name = "speed"
version = "1.2"
extras = ["fast"]
groups = ["default"]
marker = "python_version < \\"3.12\\""
files = [
    {{file = "speed-1.2.tar.gz", hash = "sha256:{B}"}},
]
"""

PYLOCK = f"""\
lock-version = "1.0"
created-by = "acme"
extras = ["fast"]
dependency-groups = ["test"]

[[packages]]
name = "acme-core"
version = "2.1"
index = "{INDEX}"
dependencies = [{{ name = "speed" }}]
wheels = [
    {{ name = "acme_core-2.1-py3-none-any.whl", url = "https://pypi.acme.example/a", hashes = {{ sha256 = "{A}" }} }},
]

[[packages]]
name = "speed"
version = "1.2"
marker = "'fast' in extras"
wheels = [
    {{ url = "https://pypi.acme.example/f/speed-1.2-py3-none-any.whl", hashes = {{ sha256 = "{B}" }} }},
]

[[packages]]
name = "tree"
vcs = {{ type = "git", url = "https://git.acme.example/tree", commit-id = "{"d" * 40}" }}
"""

PIPENV = json.dumps(
    {
        "_meta": {
            "hash": {"sha256": "e" * 64},
            "pipfile-spec": 6,
            "requires": {},
            "sources": [{"name": "acme", "url": INDEX, "verify_ssl": True}],
        },
        "default": {
            "acme-core": {"hashes": [f"sha256:{A}"], "index": "acme", "version": "==2.1"},
            "tree": {"git": "https://git.acme.example/tree.git", "ref": "d" * 40},
        },
        "develop": {
            "acme-core": {"hashes": [f"sha256:{A}"], "markers": "python_version >= '3.8'", "version": "==2.1"},
            "speed": {"extras": ["fast"], "hashes": [f"sha256:{B}"], "version": "==1.2"},
        },
        "docs": {"pages": {"hashes": [f"sha256:{C}"], "version": "==4.0"}},
    },
    indent=4,
)

REQUIREMENTS = f"""\
# made by hand
--index-url {INDEX}
acme-core==2.1 \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
    # via nobody
speed[fast]===1.2 ; python_version < "3.12"  --hash=sha256:{C}
"""

SMALL = {
    "uv.lock": UV,
    "poetry.lock": POETRY,
    "pdm.lock": PDM,
    "pylock.toml": PYLOCK,
    "Pipfile.lock": PIPENV,
    "requirements.txt": REQUIREMENTS,
}
"""One sound lock of each format."""

GENUINE = {
    "uv-benchmark": ("uv.lock", 77, 77),
    "poetry": ("poetry.lock", 78, 78),
    "poetry-conflicting": ("poetry.lock", 21, 21),
    "pdm": ("pdm.lock", 100, 96),
    "pipenv": ("Pipfile.lock", 110, 105),
    "pylock-pipenv": ("pylock.toml", 103, 103),
    "requirements-warehouse": ("requirements.txt", 184, 184),
}
"""The locks of the corpus: file, rows, components."""


def genuine(name):
    """The bytes of a lock of the corpus, and what an independent reading found in it: hashes by name and version."""
    folder = corpus("sbom") / "locks" / name
    expected = json.loads((folder / "expected.json").read_text())["components"]
    return (folder / GENUINE[name][0]).read_bytes(), {(each["name"], each["version"]): each for each in expected}


def keyed(components):
    """Components by normalised name and version."""
    return {(normalised(each.name), each.version): each for each in components}


def said(component, name):
    """The values of a component's properties of this name, without what they all begin with."""
    return [value for key, value in component.properties if key == f"verifier:lock:{name}"]
