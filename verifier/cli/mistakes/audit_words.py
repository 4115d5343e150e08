"""Words and options of pip-audit, osv-scanner, uv and npm, behind `verify audit`; read after a mistake only."""

from __future__ import annotations

from typing import Final

_NAMED: Final = "The file is named as it is: `verify audit requirements.txt --db FILE`."
_INSTALLED: Final = "What is installed is `--environment DIR`, or `--environment .venv/bin/python`."
_LOCKED: Final = "Locks are read in any case: name the file, or its folder."
_EXCEPTIONS: Final = "It is `--exceptions FILE`: with an owner, a reason and an end (docs/audit.md)."
_OFFLINE: Final = "With `--db FILE` alone no network is used: leave it away."
_FETCHED: Final = "Records are fetched by you, and made a database by `verify audit db import SOURCE --db FILE`."
_REPORT: Final = "A report is chosen by `--format NAME`, and written to a file by `--output NAME=FILE`."
_AWAY: Final = "It is so in any case: leave it away."
_FAIL_ON: Final = "It is `--fail-on low|medium|high|critical`."
_FIX: Final = "Nothing is edited here: `--fix-plan` prints what to run."
_SERVICE: Final = "It is `--service pypi` or `--service osv`; offline it is `--db FILE`."
_ALL: Final = "Every group and platform of a lock is audited: leave it away."
_TARGET: Final = "What is audited is named as it is: `verify audit TARGET --db FILE`."
_IMPORT: Final = "It is `verify audit db import SOURCE --db FILE`."
_UPDATE: Final = "It is `verify audit db update SOURCE --db FILE`."
_SHOW: Final = "It is `verify audit db show --db FILE`."

AUDIT: Final = {
    # in the place of a command
    "import": _IMPORT,
    "update": _UPDATE,
    "show": _SHOW,
    "download": _FETCHED,
    "fetch": _FETCHED,
    "scan": _TARGET,
    "check": _TARGET,
    "fix": _FIX,
    "database": "It is `verify audit db`.",
    # pip-audit
    "-r": _NAMED,
    "--requirement": _NAMED,
    "--requirements": _NAMED,
    "--path": _INSTALLED,
    "--local": _INSTALLED,
    "-l": _INSTALLED,
    "--locked": _LOCKED,
    "--frozen": _LOCKED,
    "-s": _SERVICE,
    "--vulnerability-service": _SERVICE,
    "--osv-url": "It is `--service osv --service-url URL`.",
    "--extra-index-url": "One index is asked, that of `--index-url`; several at once are `dependency.confusion`.",
    "-i": "It is `--index-url URL`.",
    "--ignore-vuln": _EXCEPTIONS,
    "--strict": "What cannot be audited ends with status 3 in any case: leave it away.",
    "-S": "An SBOM is named as it is; what cannot be audited ends with status 3 in any case.",
    "--skip-editable": "The project itself is accepted with `--without-project`.",
    "--disable-pip": _AWAY,
    "--no-deps": _AWAY,
    "--no-resolve": _AWAY,
    "--dry-run": "An audit changes nothing: leave it away.",
    "--fix": _FIX,
    "--desc": _AWAY,
    "--aliases": _AWAY,
    "--cache-dir": "Nothing is cached: leave it away.",
    "-f": _REPORT,
    "-o": _REPORT,
    "--json": "It is `--format json`.",
    # osv-scanner
    "-L": _NAMED,
    "--lockfile": _NAMED,
    "--sbom": "An SBOM is named as it is: `verify audit sbom.cdx.json --db FILE`.",
    "--offline": _OFFLINE,
    "--offline-vulnerabilities": _OFFLINE,
    "--download-offline-databases": _FETCHED,
    "--config": _EXCEPTIONS,
    "--output-file": _REPORT,
    "--recursive": "Of a folder the locks at its top are read: name those that lie deeper.",
    "--allow-no-lockfiles": 'There is none: nothing audited is no "fine".',
    # uv, npm and others
    "--ignore": _EXCEPTIONS,
    "--ignore-until-fixed": _EXCEPTIONS,
    "--output-format": _REPORT,
    "--sarif": "It is `--format sarif`, or `--output sarif=FILE`.",
    "--markdown": "It is `--format markdown`, or `--output markdown=FILE`.",
    "--no-dev": _ALL,
    "--no-group": _ALL,
    "--python-platform": _ALL,
    "--severity": _FAIL_ON,
    "--severity-threshold": _FAIL_ON,
    "--audit-level": _FAIL_ON,
    "--advisories": "Here it is `--db FILE`.",
    "--database": "It is `--db FILE`.",
    "--sign": "It is `--attest FILE --signing-key KEY`.",
    "--key": "What is signed is `--attest FILE`, by `--signing-key KEY`.",
    "--policy": "Here it is --fail-on and --exceptions; a policy's rule is asked by `verify image` and `bundle`.",
}
DATABASE: Final = {
    "create": _IMPORT,
    "init": _IMPORT,
    "build": _IMPORT,
    "download": _FETCHED,
    "fetch": _FETCHED,
    "sync": _FETCHED,
    "info": _SHOW,
    "list": _SHOW,
    "status": _SHOW,
    "check": "It is `verify audit db show --db FILE --check`.",
    "verify": "It is `verify audit db show --db FILE --check`.",
}
_MADE: Final = "Name the file that is written: `verify audit db {} all.zip --db advisories.db`."
MISSING: Final = {
    ("verify audit db import", "--db"): _MADE.format("import"),
    ("verify audit db update", "--db"): _MADE.format("update"),
    ("verify audit db show", "--db"): "Name the database: `verify audit db show --db advisories.db`.",
    ("verify audit issue", "--repo"): "Name the repository and the report: `verify audit issue --repo OWNER/NAME "
    "--report audit.json`.",
    ("verify audit issue", "--report"): "It is what `verify audit TARGET --db FILE --output json=audit.json` wrote.",
}
"""By a command and an option that it needs: how it is given."""
