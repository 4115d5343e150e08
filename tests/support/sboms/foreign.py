"""Other tools, run on what ours lists too: each on a folder, and what it wrote."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.peers.peers import executable
from tests.support.sboms.layers import layout_of
from tests.support.sboms.locks import SMALL

LONG_S = 600
"""Seconds that a tool may need on a busy machine."""


def _run(*command, cwd, output=None, **environment):
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONG_S,
        check=False,
    )
    content = Path(output).read_bytes() if output and Path(output).exists() else done.stdout
    assert content.strip(), (done.returncode, done.stderr[-2000:], done.stdout[-2000:])
    return content


def _syft(name, variable):
    def write(place, _):
        scheme = "oci-dir" if (place / "oci-layout").exists() else "dir"
        command = (executable(name, variable), "-q", "-o", "cyclonedx-json", f"{scheme}:{place}")
        return _run(*command, cwd=place, SYFT_CHECK_FOR_APP_UPDATE="false")

    return write


def _cdxgen(place, scratch):
    out = scratch / "bom.json"
    options = ("-t", "python", "--no-install-deps", "--spec-version", "1.6", "-o", out)
    command = (executable("cdxgen", "CDXGEN"), *options, place)
    return _run(*command, cwd=scratch, output=out, FETCH_LICENSE="false")


def _cyclonedx_py(place, scratch):
    out = scratch / "bom.json"
    if (place / "requirements.txt").exists():
        what = ("requirements", place / "requirements.txt")
    elif (place / "Pipfile.lock").exists():
        what = ("pipenv", place)
    else:
        what = ("environment", place / "bin" / "python")
    return _run(executable("cyclonedx-py", "CYCLONEDX_PY"), *what, "-o", out, cwd=scratch, output=out)


def _uv(place, _):
    options = ("--frozen", "--all-groups", "--all-extras", "--format", "cyclonedx1.5")
    command = (executable("uv-1", "UV_1"), "export", *options)
    return _run(*command, cwd=place, UV_OFFLINE="1")


def _trivy(place, scratch):
    out = scratch / "bom.json"
    folder = place.with_name(f"{place.name}-unpacked")
    return _run(executable("trivy-cdxgen", "TRIVY_CDXGEN"), "rootfs", "--output", out, folder, cwd=scratch, output=out)


WRITERS: dict[str, Callable] = {
    "syft 1.18.1": _syft("syft", "SYFT"),
    "syft 1.57.1": _syft("syft-1.57", "SYFT_1_57"),
    "cdxgen 12.8.4": _cdxgen,
    "cyclonedx-py 7.5.0": _cyclonedx_py,
    "uv 0.13.9": _uv,
    "trivy (of cdxgen)": _trivy,
}
"""What writes a document about what lies at a place, with a folder for what it needs."""

PYPROJECT = """\
[project]
name = "acme-app"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["acme-core", "colour; sys_platform == 'win32'"]

[project.optional-dependencies]
fast = ["speed"]

[dependency-groups]
test = ["checks"]
"""
DEBIAN = {
    "etc/os-release": b'ID=debian\nVERSION_ID="12"\nNAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12"\n',
    "etc/debian_version": b"12.15\n",
    "var/lib/dpkg/status": b"""\
Package: bash
Status: install ok installed
Architecture: amd64
Maintainer: Nobody <nobody@acme.example>
Version: 5.2.15-2+b7
Description: shell

Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Maintainer: Nobody <nobody@acme.example>
Version: 1:2.36-9+deb12u9
Description: library

Package: gone
Status: deinstall ok config-files
Architecture: all
Maintainer: Nobody <nobody@acme.example>
Version: 1.0-1
Description: removed

Package: half
Status: install reinstreq half-installed
Architecture: all
Maintainer: Nobody <nobody@acme.example>
Version: 2.0-1
Description: interrupted
""",
    "usr/share/nodejs/streams/package.json": b'{"name": "streams", "version": "3.1.0", "license": "MIT"}',
    "usr/share/nodejs/streams/esm/package.json": b'{"name": "streams-esm", "type": "module"}',
    "srv/node_modules/@acme/app/package.json": b'{"name": "@acme/app", "version": "1.0.0-rc.1", "license": "MIT"}',
    "srv/node_modules/@acme/app/test/package.json": b'{"name": "fixture", "version": "9.9.9"}',
    "usr/lib/python3/dist-packages/ruamel.yaml-0.18.6.dist-info/METADATA": (
        b"Metadata-Version: 2.1\nName: ruamel.yaml\nVersion: 0.18.6\nLicense: MIT\n"
    ),
    "usr/lib/python3/dist-packages/lying_dir-1.0.dist-info/METADATA": (
        b"Metadata-Version: 2.1\nName: lying-dir\nVersion: 9.9\nLicense: MIT\n"
    ),
}
ALPINE = {
    "etc/os-release": b'ID=alpine\nVERSION_ID=3.20.1\nNAME="Alpine Linux"\n',
    "etc/alpine-release": b"3.20.1\n",
    "lib/apk/db/installed": b"""\
C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
P:musl
V:1.2.5-r0
A:x86_64
S:1
I:1
T:library
U:https://acme.example
L:MIT
o:musl

C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWx=
P:busybox-binsh
V:1.36.1_p2-r29
A:x86_64
S:1
I:1
T:shell
U:https://acme.example
L:GPL-2.0-only
o:busybox

""",
}


def _lock(name):
    def make(folder):
        place = folder / "project"
        place.mkdir()
        (place / name).write_text(SMALL[name])
        if name == "uv.lock":
            (place / "pyproject.toml").write_text(PYPROJECT)
        return place, str(place), "project"

    return make


def _environment(folder):
    place = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True, timeout=LONG_S)
    (site,) = place.glob("lib/python*/site-packages")
    for name, version in (("ruamel.yaml", "0.18.6"), ("zope.interface", "7.0"), ("Flask_SQLAlchemy", "3.1.1")):
        record = site / f"{name}-{version}.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: MIT\n")
        (record / "RECORD").write_text(f"{record.name}/METADATA,,\n{record.name}/RECORD,,\n")
    return place, str(place), "environment"


def _image(files):
    def make(folder):
        place = folder / "image"
        layout_of(place, files)
        for path, content in files.items():
            unpacked = folder / "image-unpacked" / path
            unpacked.parent.mkdir(parents=True, exist_ok=True)
            unpacked.write_bytes(content)
        return place, f"oci-layout:{place}", "image"

    return make


TARGETS: dict[str, Callable] = {
    **{name: _lock(name) for name in SMALL},
    "environment": _environment,
    "Debian image": _image(DEBIAN),
    "Alpine image": _image(ALPINE),
}
"""What makes a target in a folder: where it lies, how we call it, and its kind."""

RUNS: dict[str, tuple[str, ...]] = {
    "syft 1.18.1": tuple(TARGETS),
    "syft 1.57.1": tuple(TARGETS),
    "cdxgen 12.8.4": (*SMALL, "environment"),
    "cyclonedx-py 7.5.0": ("requirements.txt", "Pipfile.lock", "environment"),
    "uv 0.13.9": ("uv.lock",),
    "trivy (of cdxgen)": ("Debian image", "Alpine image"),
}
"""Of what each tool can write a document at all."""
NIGHTLY = ("syft 1.57.1",)
