"""Installed packages made in memory, as installers leave them: `{path: content}`, for `contents` or for a folder."""

import base64
import hashlib
import json
import zipfile

from verifier.formats.golang.build_info import GO_BUILD_INFO

SITE = "usr/lib/python3/site-packages"
MARK = bytes.fromhex("3077af0c9274080241e1c107e6d618e6"), bytes.fromhex("f932433186182072008242104116d8f2")
"""What Go's linker puts before and behind the list of modules."""


def row(path, content, algorithm="sha256"):
    """A row of RECORD for this content."""
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).decode().rstrip("=")
    return f"{path},{algorithm}={digest},{len(content)}"


def dist_info(name, version, files=None, *, site=SITE, folder=None, headers="", rows=(), beside=None):
    """A distribution as pip leaves it: its code, METADATA, RECORD, and what `beside` has more in its folder."""
    code = {f"{name.lower().replace('-', '_')}/__init__.py": b"name = 1\n"} if files is None else files
    folder = folder or f"{name.replace('-', '_')}-{version}.dist-info"
    said = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{headers}\nA description.\n".encode()
    inside = {"METADATA": said, "INSTALLER": b"pip\n", **(beside or {})}
    listed = {**code, **{f"{folder}/{each}": content for each, content in inside.items()}}
    record = [*(row(path, content) for path, content in listed.items()), *rows, f"{folder}/RECORD,,"]
    made = {f"{folder}/RECORD": "".join(f"{each}\n" for each in record).encode(), **listed}
    return {f"{site}/{path}" if site else path: content for path, content in made.items()}


def wheel(folder, name, version, files=None, *, headers=""):
    """The path of a wheel of this distribution, made without a builder; its code is one module where no `files` are
    given. pip installs it as it does any other."""
    flat = name.replace("-", "_").replace(".", "_").lower()
    stem = f"{flat}-{version}"
    said = {"WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    code = files or {f"{flat}/__init__.py": f"version = {version!r}\n".encode()}
    made = dist_info(name, version, code, site="", folder=f"{stem}.dist-info", headers=headers, beside=said)
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each in sorted(made):
            if not each.endswith("/INSTALLER"):
                archive.writestr(each, made[each])
    return path


def node_package(folder, name, version, **said):
    """A package as npm leaves it."""
    manifest = {"name": name, "version": version, **said}
    return {
        f"{folder}/package.json": json.dumps({key: it for key, it in manifest.items() if it is not None}).encode(),
        f"{folder}/index.js": b"module.exports = 1\n",
    }


def go_build_info(modules, *, compiler="go1.22.1", marks=MARK):
    """What a Go compiler leaves, from its magic on: the lines of `modules`, each of fields."""
    listed = "".join("\t".join(each) + "\n" for each in modules).encode()
    text = marks[0] + listed + marks[1] if modules else b""
    return GO_BUILD_INFO + bytes([8, 2]) + bytes(16) + _sized(compiler.encode()) + _sized(text)


def go_program(modules, *, compiler="go1.22.1", before=64):
    """A program that has it; it runs nowhere."""
    return b"\x7fELF".ljust(before, b"\0") + go_build_info(modules, compiler=compiler) + bytes(64)


def _sized(text):
    size, sized = len(text), b""
    while size >= 0x80:
        sized += bytes([size & 0x7F | 0x80])
        size >>= 7
    return sized + bytes([size]) + text


def laid_out(folder, files):
    """The files written below a folder; a link is given as `("link", target)`."""
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, tuple):
            place.symlink_to(content[1])
        else:
            place.write_bytes(content)
    return folder
