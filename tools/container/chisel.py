"""Copy what a program needs of an installed Debian into an empty tree: no shell, no package manager, nothing else.

    python3 chisel.py ROOT PROGRAM PACKAGE...

PROGRAM is the folder of what runs on them: the shared libraries that it is linked with have to be in the tree.

* what dpkg has installed of these packages and of all that they depend on is copied, file by file
* packages that serve installing, and never running, are left out by name, and so are manual pages and documents
* each package's record is kept in `var/lib/dpkg/status.d`, where scanners of images look in images of this kind
* a dependency that is neither installed nor left out by name ends it: nothing is missed in silence

It runs in the build's stage, by the Python of that Debian, and imports the standard library alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

STATUS = Path("/var/lib/dpkg/status")
INFO = Path("/var/lib/dpkg/info")
LEFT_OUT = frozenset(
    {
        *("dpkg", "debconf", "debconf-2.0", "perl-base", "mailcap", "media-types", "mime-support", "openssl"),
        *("python3-distutils", "python3-lib2to3", "readline-common", "sensible-utils", "tar", "usrmerge"),
        *("init-system-helpers", "libgcc-s1", "gcc-12-base", "gcc-14-base"),
    }
)
"""What is asked for while packages are installed, and by nothing that runs."""
KEPT = frozenset({"libgcc-s1"})
"""What wheels are linked with."""
_DOCUMENTS = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/lintian/", "/usr/share/bug/")
_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+")


def records() -> Iterator[tuple[str, str]]:
    """Each installed package: its name, and its paragraph."""
    for paragraph in STATUS.read_text(encoding="utf-8").split("\n\n"):
        if "\nStatus: install ok installed" in paragraph:
            yield field(paragraph, "Package"), paragraph


def field(paragraph: str, name: str) -> str:
    """The value of a field, on one line."""
    found = re.search(rf"^{name}: (.*(?:\n .*)*)", paragraph, re.MULTILINE)
    return found[1].replace("\n", " ") if found else ""


def closure(wanted: list[str], installed: dict[str, str]) -> list[str]:
    """The packages, and whatever they depend on."""
    provided = {
        each: name for name, text in installed.items() for each in _NAME.findall(field(text, "Provides")) if each
    }
    found: dict[str, None] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name in found or name in LEFT_OUT - KEPT:
            continue
        if name not in installed:
            raise SystemExit(f"chisel: {name} is needed, and is not installed")
        found[name] = None
        depends = f"{field(installed[name], 'Pre-Depends')}, {field(installed[name], 'Depends')}"
        for alternatives in filter(None, (each.strip() for each in depends.split(","))):
            names = [part.split()[0].split(":")[0] for part in alternatives.split("|")]
            known = [each if each in installed else provided.get(each, "") for each in names]
            if set(names) & (LEFT_OUT - KEPT):
                continue
            waiting.append(next((each for each in known if each), names[0]))
    return sorted(found)


def files_of(name: str, paragraph: str) -> Iterator[Path]:
    """The files that dpkg has installed of a package."""
    architecture = field(paragraph, "Architecture")
    for listed in (INFO / f"{name}:{architecture}.list", INFO / f"{name}.list"):
        if listed.exists():
            for line in listed.read_text(encoding="utf-8").splitlines():
                path = Path(line)
                if line != "/." and not line.startswith(_DOCUMENTS) and (path.is_symlink() or not path.is_dir()):
                    yield path
            return
    raise SystemExit(f"chisel: dpkg has no list of the files of {name}")


def copy(path: Path, root: Path) -> None:
    """Copy one file, or the link that it is, to where its folder really is."""
    if not path.is_symlink() and not path.exists():
        return  # dpkg's own path-exclude: images leave documents and translations out
    real = path.parent.resolve() / path.name
    target = root / real.relative_to("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        target.unlink(missing_ok=True)
        target.symlink_to(path.readlink())
    else:
        shutil.copy2(path, target)


def unmet(root: Path, program: Path) -> Iterator[str]:
    """Each library that something in `program` is linked with, and that is not in the tree."""
    bundled = {path.name for path in program.rglob("*.so*")}
    for path in sorted(program.rglob("*.so*")):
        linked = subprocess.run(["/usr/bin/ldd", path], capture_output=True, text=True, check=False).stdout
        for name, where in re.findall(r"^\s*(\S+) => (not found|/\S+)", linked, re.MULTILINE):
            there = where != "not found" and (root / Path(where).resolve().relative_to("/")).exists()
            if name not in bundled and not there:
                yield f"{path.relative_to(program)} is linked with {name}"


def main(arguments: list[str]) -> None:
    """Make the tree."""
    root, program, wanted = Path(arguments[0]), Path(arguments[1]), arguments[2:]
    installed = dict(records())
    for merged in ("bin", "sbin", "lib", "lib64"):
        if Path("/", merged).is_symlink():
            root.mkdir(parents=True, exist_ok=True)
            (root / "usr" / merged).mkdir(parents=True, exist_ok=True)
            (root / merged).symlink_to(Path("/", merged).readlink())
    for name in closure(wanted, installed):
        for path in files_of(name, installed[name]):
            copy(path, root)
        record = root / "var/lib/dpkg/status.d" / name
        record.parent.mkdir(parents=True, exist_ok=True)
        record.write_text(installed[name] + "\n", encoding="utf-8")
        print(f"chisel: {name} {field(installed[name], 'Version')}")
    if missing := sorted(unmet(root, program)):
        raise SystemExit("chisel: not in the tree: " + "; ".join(missing[:20]))


if __name__ == "__main__":
    main(sys.argv[1:])
