"""Databases of package managers, made by hand: small, and wrong where a test wants them to be."""

import base64
import hashlib
import sqlite3
import struct

from tests.support.material import corpus
from tests.support.sboms.made import contents
from verifier.sbom.catalog.table import catalog_of

DEBIAN = {"etc/os-release": b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'}
ALPINE = {"etc/os-release": b"ID=alpine\nVERSION_ID=3.20.1\n"}
FEDORA = {"etc/os-release": b"ID=fedora\nVERSION_ID=40\n"}
STATUS, INFO, APK, RPM = "var/lib/dpkg/status", "var/lib/dpkg/info", "lib/apk/db/installed", "var/lib/rpm/rpmdb.sqlite"
INT16, INT32, STRING, BINARY, STRINGS, I18N, CHAR = 3, 4, 6, 7, 8, 9, 1
TYPES = {1000: STRING, 1001: STRING, 1002: STRING, 1003: INT32, 1004: I18N, 1011: STRING, 1014: STRING, 1022: STRING}
TYPES |= {1028: INT32, 1029: CHAR, 1030: INT16, 1035: STRINGS, 1036: STRINGS, 1037: INT32, 1044: STRING, 1047: STRINGS}
TYPES |= {1049: STRINGS, 1116: INT32, 1117: STRINGS, 1118: STRINGS, 5011: INT32, 5096: STRING, 273: STRING, 269: STRING}


def found(files, *, list_files=False, **said):
    """The catalogue of an image that has these files."""
    return catalog_of(contents(files, **said), files=list_files)


def names(catalog, ecosystem):
    """What is found of an ecosystem, as name and version, sorted."""
    return sorted((each.name, each.version) for each in catalog.components if each.ecosystem == ecosystem)


def one(catalog, name):
    """The one component that is called so."""
    (component,) = [each for each in catalog.components if each.name == name]
    return component


def database(path):
    """A file of the corpus' databases."""
    return (corpus("sbom/databases") / path).read_bytes()


def paragraph(name, version="1.0-1", state="installed", **fields):
    """A record of dpkg's."""
    said = {"Package": name, "Status": f"install ok {state}", "Architecture": "amd64", "Version": version}
    said |= {key.replace("_", "-"): value for key, value in fields.items()}
    return "".join(f"{key}: {value}\n" for key, value in said.items() if value is not None).encode()


def dpkg(*records, **packages):
    """Debian's files: a status of these records, and for each package in `packages` its files by their paths, with the
    lists that dpkg has of them."""
    files = {STATUS: b"\n".join(records)}
    for spelled, owned in packages.items():
        name = spelled.replace("_", "-")
        files |= owned
        lists = sorted({"/.", *(f"/{path}" for path in owned), *(f"/{path.rpartition('/')[0]}" for path in owned)})
        files[f"{INFO}/{name}.list"] = "".join(f"{each}\n" for each in lists).encode()
        sums = [
            (hashlib.md5(content, usedforsecurity=False).hexdigest(), path)
            for path, content in owned.items()
            if isinstance(content, bytes)
        ]
        files[f"{INFO}/{name}.md5sums"] = "".join(f"{digest}  {path}\n" for digest, path in sums).encode()
    return files


def apk(name, version="1.0-r0", *, files=None, **fields):
    """A package of apk's database, and what it has put there by its paths."""
    said = {"P": name, "V": version, "A": "x86_64", **fields}
    lines = [f"{key}:{value}" for key, value in said.items()]
    for path, content in sorted((files or {}).items()):
        folder, _, last = path.rpartition("/")
        named = content if isinstance(content, bytes) else content[1].encode()
        digest = base64.b64encode(hashlib.sha1(named, usedforsecurity=False).digest()).decode()
        lines += [f"F:{folder}", f"R:{last}", f"Z:Q1{digest}"]
    return ("\n".join(lines) + "\n").encode()


def packed(kind, value):
    """The bytes of a tag's values, and how many there are."""
    values = value if isinstance(value, list) else [value]
    if kind in {STRING, STRINGS, I18N}:
        return b"".join(each.encode() + b"\0" for each in values), len(values)
    if kind == BINARY:
        return value, len(value)
    return struct.pack(f">{len(values)}{ {INT32: 'I', INT16: 'H', CHAR: 'B'}[kind] }", *values), len(values)


def header(tags, *, digest=True, types=None):
    """A header of rpm's database: with the region that came with the package, and its SHA-256 beside it."""
    kinds, store, entries = TYPES | (types or {}), b"", []
    for tag, value in sorted(tags.items()):
        data, count = packed(kinds[tag], value)
        width = {INT32: 4, INT16: 2}.get(kinds[tag], 1)
        store += b"\0" * (-len(store) % width)
        entries.append((tag, kinds[tag], len(store), count))
        store += data
    inside = len(entries) + 1
    index = [(63, BINARY, len(store), 16), *entries]
    store += struct.pack(">IIiI", 63, BINARY, -16 * inside, 16)
    region = b"".join(struct.pack(">IIiI", *each) for each in index)
    said = hashlib.sha256(b"\x8e\xad\xe8\x01\0\0\0\0" + struct.pack(">II", inside, len(store)) + region + store)
    if digest:
        region += struct.pack(">IIiI", 273, STRING, len(store), 1)
        store += said.hexdigest().encode() + b"\0"
    return struct.pack(">II", len(region) // 16, len(store)) + region + store


def package(name, version="1.0", release="1.fc40", *, files=None, flags=0, **tags):
    """The tags of a package; `files` are what it has put there, by their paths."""
    said = {1000: name, 1001: version, 1002: release, 1004: name, 1014: "MIT", 1022: "x86_64"}
    said |= {1044: f"{name}-{version}-{release}.src.rpm", 1047: [name]}
    if files:
        paths = sorted(files)
        folders = sorted({f"/{path.rpartition('/')[0]}/" for path in paths})
        kinds = [0o100644 if isinstance(files[path], bytes) else 0o120777 for path in paths]
        digests = [hashlib.sha256(files[path]).hexdigest() if isinstance(files[path], bytes) else "" for path in paths]
        said |= {
            1030: kinds,
            1035: digests,
            1036: ["" if isinstance(files[path], bytes) else files[path][1] for path in paths],
        }
        said |= {1037: [flags] * len(paths), 5011: [8], 1117: [path.rpartition("/")[2] for path in paths]}
        said |= {1116: [folders.index(f"/{path.rpartition('/')[0]}/") for path in paths], 1118: folders}
    return said | {int(tag.removeprefix("tag")): value for tag, value in tags.items()}


def rpm(*headers, named=None, before=(), after=()):
    """A database of rpm's with these headers; `before` and `after` are further statements."""
    connection = sqlite3.connect(":memory:")
    for statement in before:
        connection.execute(statement)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)"
    )
    connection.execute("CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL)")
    for number, each in enumerate(headers, start=1):
        connection.execute("INSERT INTO Packages VALUES (?, ?)", (number, each))
    for number in named or range(1, len(headers) + 1):
        connection.execute("INSERT INTO Name VALUES ('x', ?, 0)", (number,))
    for statement in after:
        connection.execute(statement)
    connection.commit()
    content = connection.serialize()
    connection.close()
    return content
