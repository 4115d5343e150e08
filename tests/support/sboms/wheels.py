"""Wheels made of tiny sources, without a builder or a network: what pip installs as it does any other."""

import zipfile

from tests.support.sboms.installed import dist_info


def wheel(folder, name, version, files=None, *, headers=""):
    """The path of a wheel of this distribution; its code is one module where no `files` are given."""
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
