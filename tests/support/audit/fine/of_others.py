"""Where uv audit, osv-scanner, npm audit and govulncheck say that nothing is known."""

from __future__ import annotations

import json
import os
import zipfile
from functools import partial

from tests.support.audit.fine.case import Case, we
from tests.support.audit.peers import peer, uv
from tests.support.audit.services.osv import CANARY, osv, record
from tests.support.audit.services.site import answer
from tests.support.command import run
from tests.support.net.servers import server

UV, SCANNER, NPM, GOVULNCHECK = "uv 0.13.9", "osv-scanner 2.3.5", "npm 11.19.1", "govulncheck 1.1.4"
UV_LOCK = """version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "acme"
version = "1.0"
source = { virtual = "." }
dependencies = [{ name = "jinja2" }]

[package.metadata]
requires-dist = [{ name = "jinja2", specifier = "==2.10" }]

[[package]]
name = "jinja2"
version = "2.10"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.pythonhosted.org/Jinja2-2.10-py2.py3-none-any.whl", hash = "sha256:%s" }]
"""
PYPROJECT = '[project]\nname = "acme"\nversion = "1.0"\nrequires-python = ">=3.11"\ndependencies = ["jinja2==2.10"]\n'
NPM_LOCK = {
    "name": "acme",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "acme", "version": "1.0.0", "dependencies": {"minimist": "0.0.8"}},
        "node_modules/minimist": {
            "version": "0.0.8",
            "resolved": "https://registry.npmjs.org/minimist/-/minimist-0.0.8.tgz",
        },
    },
}
TORCH = record("PYSEC-1-2", "torch")
TORCH["affected"][0] |= {"versions": ["1.13.0"], "ranges": []}


def uv_is_told(lie, folder):
    """`lie` makes another answer of every batch."""
    (folder / "uv.lock").write_text(UV_LOCK % ("0" * 64))
    (folder / "pyproject.toml").write_text(PYPROJECT)
    with osv() as site:
        honest = site.honest

        def answered(asked):
            status, value, fields = honest(asked)
            return (status, lie(value), fields) if asked.path.endswith("querybatch") else (status, value, fields)

        site.honest = answered
        options = ("--preview-features", "audit", "--service-url", site.url, "--frozen")
        theirs = uv("audit", *options, cwd=folder)
        return theirs, we(folder / "uv.lock", "--service", "osv", "--service-url", site.url)


def _scanned(folder, text, archive):
    """Both, of requirements, by an archive of records."""
    place = folder / "osv-scanner" / "PyPI"
    place.mkdir(parents=True)
    archive(place / "all.zip")
    file = folder / "requirements.txt"
    file.write_text(text)
    theirs = peer(
        *("osv-scanner", "OSV_SCANNER", "scan", "source", "--offline", "-L", f"requirements.txt:{file}"),
        cwd=folder,
        environment={"OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY": str(folder)},
    )
    records = folder / "records.db"
    run("audit", "db", "import", place / "all.zip", "--db", records, "--now", "2024-10-12T00:00:00Z")
    return theirs, we(file, "--db", records, "--max-age", "5000d")


def _zip(path, **members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def scanner_of_nothing(folder):
    return _scanned(folder, "jinja2==2.10\n", _zip)


def scanner_of_broken_records(folder):
    return _scanned(folder, "jinja2==2.10\n", lambda path: _zip(path, **{"PYSEC-2019-217.json": '{"id": "PYSEC-2019'}))


def scanner_of(text, folder, *records):
    members = {f"{each['id']}.json": json.dumps(each) for each in (CANARY, TORCH, *records)}
    return _scanned(folder, text, lambda path: _zip(path, **members))


def _npm(folder, *options):
    (folder / "package-lock.json").write_text(json.dumps(NPM_LOCK))
    (folder / "package.json").write_text(json.dumps(NPM_LOCK["packages"][""]))
    own = {"npm_config_cache": str(folder / "npm"), "npm_config_update_notifier": "false"}
    return peer("npm", "NPM", "audit", *options, cwd=folder, environment=own)


def npm_offline(folder):
    theirs = _npm(folder, "--offline")
    return theirs, we(folder / "package-lock.json", "--db", folder / "records.db")


def npm_is_told_nothing(folder):
    with server(lambda exchange: (exchange.sent(), answer(exchange, {}))) as registry:
        theirs = _npm(folder, "--registry", registry.url)
        return theirs, we(folder / "package-lock.json", "--service", "osv", "--service-url", registry.url)


def govulncheck_of_nothing(folder):
    (folder / "go.mod").write_text("module acme.example/acme\n\ngo 1.20\n\nrequire golang.org/x/text v0.3.0\n")
    (folder / "main.go").write_text("package main\n\nfunc main() {}\n")
    empty = folder / "vulndb"
    (empty / "index").mkdir(parents=True)
    (empty / "ID").mkdir()
    for name in ("db", "modules", "vulns"):
        (empty / "index" / f"{name}.json").write_text('{"modified":"2024-10-10T00:00:00Z"}' if name == "db" else "[]")
    own = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "HOME": os.environ["HOME"]}
    theirs = peer("govulncheck", "GOVULNCHECK", "-db", empty.as_uri(), "./...", cwd=folder, environment=own)
    return theirs, we(folder / "go.mod", "--db", empty)


CASES = (
    Case(UV, '`{"results": []}` for every query', partial(uv_is_told, lambda _: {"results": []})),
    Case(UV, "one result too few", partial(uv_is_told, lambda value: {"results": value["results"][:-1]})),
    Case(SCANNER, "`--offline`, an empty zip of records", scanner_of_nothing),
    Case(SCANNER, "`--offline`, a zip of broken records", scanner_of_broken_records),
    Case(
        SCANNER,
        "`--offline`, a name of a private index",
        partial(scanner_of, "--index-url https://pypi.acme.example/simple\nacme-internal==1.0\n"),
    ),
    Case(SCANNER, "`--offline`, `torch==1.13.0+cu117`", partial(scanner_of, "torch==1.13.0+cu117\n")),
    Case(SCANNER, "`--offline`, `jinja2==2.*`", partial(scanner_of, "jinja2==2.*\n")),
    Case(SCANNER, "`--offline`, `jinja2>=2.10.1`, audited as 2.10.1", partial(scanner_of, "jinja2>=2.10.1\n")),
    Case(
        SCANNER,
        "`--offline`, a merge that is not finished",
        partial(scanner_of, "<<<<<<< ours\nsound==1.0\n=======\nsound==1.1\n>>>>>>> theirs\n"),
    ),
    Case(NPM, "`--offline`", npm_offline),
    Case(NPM, "the registry answers `{}`", npm_is_told_nothing),
    Case(GOVULNCHECK, "an empty folder as its database", govulncheck_of_nothing),
)
