"""What a rule about known vulnerabilities is judged by: databases, signed scans, and policies that ask."""

import json
from datetime import timedelta

from tests.support.audit.osv import document, entry
from tests.support.audit.scans import DATABASE, scan
from tests.support.material import NOW, signer
from tests.support.stories import policy, statement
from verifier.audit.database.importing import import_records
from verifier.audit.database.opening import open_database
from verifier.core.uris import VULNERABILITY_SCAN
from verifier.core.value import replace
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.vulnerabilities import VulnerabilityRule

RELEASE, SCANNER = "p256", "ed25519"
"""The keys of who releases, and of who scans."""


def rule(max_severity="none", **more):
    """The section, which takes scans of the scanner."""
    return VulnerabilityRule(**{"max_severity": max_severity, "from_": (SCANNER,), **more})


def gated(section=None, *, pattern="bundle:authz", **more):
    """A policy whose one rule has the section; only who releases signs releases."""
    trust = policy(signers=(signer(RELEASE), signer(SCANNER)), vulnerabilities=section or rule(), **more)
    (only,) = trust.artifacts
    found = replace(only.having(SignatureRule(threshold=1, from_=(RELEASE,))), pattern=pattern)
    return replace(trust, artifacts=(found,))


def recent(*findings, age=timedelta(0), **more):
    """The predicate of a scan that ended `age` ago, by records of the day before."""
    finished = NOW - age
    database = replace(DATABASE, data_date=finished - timedelta(days=1))
    return scan(*findings, **{"now": finished, "database": database, **more})


def attested(content, predicate, *, key=SCANNER, predicate_type=VULNERABILITY_SCAN):
    """A scan of `content` in a statement that the scanner has signed."""
    return statement(content, key, predicate_type, **predicate)


def records(folder, *documents, modified=NOW - timedelta(days=1), now=NOW):
    """A database of these records, and of one about a package that nobody has."""
    documents = (document(id="PYSEC-2099-9", affected=[entry(name="nobody-has-this")]), *documents)
    place = folder / "records"
    place.mkdir()
    for each in documents:
        stamped = {**each, "modified": modified.isoformat().replace("+00:00", "Z")}
        (place / f"{each['id']}.json").write_text(json.dumps(stamped))
    import_records([place], folder / "records.db", now=now)
    return open_database(folder / "records.db")
