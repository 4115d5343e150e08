"""Predicates of every shape under fixtures/provenance, and the statements that carry them."""

import base64
import json

from tests.support.places import ROOT
from verifier.formats.intoto.provenance import PROVENANCE_V0_2, PROVENANCE_V1, parse_provenance
from verifier.formats.intoto.statement import parse_statement

FIXTURES = ROOT / "fixtures" / "provenance"
REPO, TAG = "https://github.com/acme/app", "refs/tags/v1.2.0"
COMMIT = "693130cb6cb840a7bc9cb18c6510d536a95dc7e6"


def predicate(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())


def statement(content, kind=None):
    kind = kind or (PROVENANCE_V1 if "buildDefinition" in content else PROVENANCE_V0_2)
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "ab" * 32}}],
        "predicateType": kind,
        "predicate": content,
    }
    return parse_statement(json.dumps(document).encode(), subject="provenance")


def parse(content, kind=None):
    return parse_provenance(statement(content, kind))


def payloads(path):
    text = path.read_text()
    document = json.loads(text.splitlines()[0] if path.suffix == ".jsonl" else text)
    entries = document.get("attestations", [document])
    return [base64.b64decode(e.get("bundle", e)["dsseEnvelope"]["payload"]) for e in entries]
