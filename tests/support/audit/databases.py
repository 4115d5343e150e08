"""Databases of records, made of documents."""

import json
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from tests.support.audit.made import NOW
from tests.support.audit.osv import advisories, document, entry
from verifier.audit.database.importing import Imported, import_records
from verifier.audit.database.opening import open_database
from verifier.audit.database.schema import digest_of, set_index_digest
from verifier.audit.database.updating import update_records
from verifier.core.errors import ConfigurationError, Refused
from verifier.formats.osv.yaml_reading import yaml_tree

__all__ = ["document", "entry"]


def about(name, identifier="PYSEC-2099-1", *, ecosystem="PyPI", **changes) -> dict:
    """A record about one package."""
    return document(id=identifier, affected=[entry(name=name, ecosystem=ecosystem)], **changes)


def folder_of(folder: Path, *documents, **files) -> Path:
    """A folder with a file `ID.json` for each document, and further files: `name_json` is "name.json"."""
    folder.mkdir(exist_ok=True)
    for number, each in enumerate(documents):
        name = f"{each.get('id', number)}.json" if isinstance(each, dict) else f"{number}.json"
        (folder / name).write_bytes(bytes_of(each))
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_bytes(bytes_of(content))
    return folder


def zip_of(path: Path, *documents, **members) -> Path:
    """A zip as OSV exports one: `ID.json` for each document."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in documents:
            archive.writestr(f"{each['id']}.json", bytes_of(each))
        for name, content in members.items():
            archive.writestr(name, bytes_of(content))
    return path


def bytes_of(content) -> bytes:
    return content if isinstance(content, bytes) else json.dumps(content).encode()


def genuine_zip(path: Path) -> Path:
    """The PyPA's advisory database as OSV would export it."""
    trees = [yaml_tree(each.read_bytes(), subject=each.name) for each in advisories()]
    return zip_of(path, *trees)


def make(path: Path, *sources, **how) -> Imported:
    """Import into the database at `path`."""
    return import_records(sources, path, **{"now": NOW, **how})


def update(path: Path, *sources, **how) -> Imported:
    """Bring the database at `path` up to date."""
    return update_records(sources, path, **{"now": NOW, **how})


def database(tmp_path: Path, *documents, **how) -> Path:
    """A database of these documents."""
    path = tmp_path / "osv.db"
    make(path, folder_of(tmp_path / "records", *documents), **how)
    return path


def info(path: Path):
    with open_database(path) as opened:
        return opened.info


def ids(path: Path, *packages) -> dict[str, list[str]]:
    """The ids of the records about each package, by purl."""
    with open_database(path) as opened:
        answers = opened.ask(packages, NOW)
    assert not [each for each in answers.reasons if each.is_error]
    return {purl: sorted(each.id for each in found) for purl, found in answers.records.items()}


def code_of(call, *arguments, **how) -> str:
    """What a call is refused with: its code; "usage" for what the caller has done wrong; "" for nothing."""
    try:
        call(*arguments, **how)
    except Refused as refused:
        return refused.reasons[0].code
    except ConfigurationError:
        return "usage"
    return ""


def exchanged(path: Path, identifier: str, body: bytes) -> Path:
    """The database with another body for a record, which all digests go with."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        query = "UPDATE content SET body = ? WHERE number = (SELECT number FROM record WHERE id = ?)"
        connection.execute(query, (body, identifier))
        connection.execute("UPDATE record SET digest = ? WHERE id = ?", (sha256(body).digest(), identifier))
    return edited(path, digests=True)


def edited(path: Path, *statements, digests: bool = False) -> Path:
    """The database after somebody has changed it; with `digests`, who knows how these are made."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
        if digests:
            connection.execute("UPDATE about SET digest = ?", (digest_of(connection),))
            set_index_digest(connection)
    return path
