"""Documents of up to a mebibyte: attestations, statements, verdicts, policies, imports, what a registry answers."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from tools.worst_case.genome import Genome
from tools.worst_case.texts import json_text, repeated, toml_text
from verifier.core.uris import STATEMENT_V1
from verifier.formats.json.write import canonical, compact
from verifier.ledger.document import SCHEMA
from verifier.ledger.record import GENESIS, chain, state_digest

MOST: Final = 1024 * 1024
_DIGEST: Final = "sha256:" + "0" * 64
_TIME: Final = "2026-01-01T00:00:00Z"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")[:MOST]


def plain(genome: Genome) -> bytes:
    """JSON of any shape, where a document of some kind is expected."""
    return _encoded(json_text(genome, "text", MOST))


def attestations(genome: Genome) -> bytes:
    """Envelopes, alone or many; Sigstore's fields; what npm answers."""
    signature = '{"keyid":"%s","sig":"%s"}'
    key, sig = (
        genome.choice("kid", ("", "k", "a" * 900)),
        genome.choice("sig", ("AA==", "MAYCAQECAQE=", "AA" * 60 + "AA==")),
    )
    signatures = repeated(
        signature.replace("%s", key, 1).replace("%s", sig), genome.integer("signatures", 1, 20_000), ","
    )
    payload = base64.b64encode(_encoded(json_text(genome, "text", 700_000))).decode()
    small = genome.choice("small", (True, False))
    envelope = '{"payloadType":"application/vnd.in-toto+json","payload":"%s","signatures":[%s]}'
    envelope = envelope.replace("%s", "e30=" if small else payload, 1).replace("%s", signatures)
    bundle = '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":%s,"dsseEnvelope":%s}'
    material = genome.choice(
        "material", ("{}", '{"tlogEntries":[%s]}', '{"x509CertificateChain":{"certificates":[%s]}}')
    )
    inner = repeated(
        genome.choice("entry", ("{}", '{"rawBytes":"AAAA"}', '{"logIndex":"1"}')),
        genome.integer("entries", 1, 50_000),
        ",",
    )
    shaped = bundle.replace("%s", material.replace("%s", inner), 1).replace("%s", envelope)
    many = genome.integer("many", 1, 5_000)
    shapes: dict[str, Callable[[], str]] = {
        "envelope": lambda: envelope,
        "lines": lambda: repeated(envelope, max(1, min(many, MOST // len(envelope))), "\n"),
        "bundle": lambda: shaped,
        "bundles": lambda: repeated(shaped, max(1, min(many, MOST // len(shaped))), "\n"),
        "npm": lambda: '{"attestations":[' + repeated('{"bundle":{}}', many, ",") + "]}",
        "junk": lambda: repeated("{}", many * 100, "\n"),
        "any": lambda: json_text(genome, "text", MOST),
    }
    return _encoded(shapes[genome.choice("shape", tuple(shapes))]())


_PREDICATES: Final = (
    "https://slsa.dev/verification_summary/v1",
    "https://slsa.dev/provenance/v1",
    "https://slsa.dev/provenance/v0.2",
    "https://in-toto.io/attestation/release/v0.1",
)


def statements(genome: Genome) -> bytes:
    """What stands in an envelope: many subjects, many digests, many fields of a predicate."""
    digests = repeated('"a%d":"00"', genome.integer("digests", 1, 3_000), ",")
    named = genome.choice("names", ('{"name":"%d","digest":{"sha256":"00"}}', '{"name":"a","digest":{%s}}', "{}"))
    subjects = repeated(
        named.replace("%s", digests), min(genome.integer("subjects", 1, 20_000), MOST // len(digests) + 1), ","
    )
    lists = (
        "inputAttestations",
        "verifiedLevels",
        "resolvedDependencies",
        "materials",
        "byproducts",
        "externalParameters",
    )
    inner = json_text(genome, "text", 900_000)
    field = genome.choice("field", lists)
    definition = (
        f'"buildDefinition":{{"{field}":{inner}}},"runDetails":{{"{field}":{inner}}}'
        if len(inner) < 400_000
        else '"a":0'
    )
    predicate = f'{{"{field}":{inner},{definition}}}'
    kind = genome.choice("kind", _PREDICATES)
    return _encoded(
        f'{{"_type":"{STATEMENT_V1}","subject":[{subjects}],"predicateType":"{kind}","predicate":{predicate}}}'
    )


def reports(genome: Genome) -> bytes:
    """A verdict of ours with many reasons, or items of evidence."""
    reason = {"code": "archive.malformed", "severity": "error", "subject": "s", "message": "m", "hint": "h"}
    many = genome.integer("reasons", 1, 9_000)
    members = {"schema": "verifier/report/v1", "verdict": "FAILED", "reasons": [reason] * many}
    text = compact(members)[:-1] + ',"artifact":' + json_text(genome, "text", 800_000) + "}"
    return _encoded(text)


def policies(genome: Genome) -> bytes:
    """TOML of the size that a policy may have."""
    return _encoded(toml_text(genome, "text", 256 * 1024))


def imports(genome: Genome) -> bytes:
    """An exported ledger whose chain is sound: one scope with much in it, many scopes or events, or a line of junk."""
    count = genome.integer("count", 1, 9_000)
    digests = [f"sha256:{at:064x}" for at in range(genome.integer("digests", 0, 7_000))]
    versions = [
        {
            "lowest": f"{at}.0.0",
            "highest": f"{at}.0.1",
            "scheme": genome.choice("scheme", ("semver", "integer", "calver")),
        }
        for at in range(genome.integer("ranges", 0, 7_000))
    ]
    state = canonical(
        {"revision": 1, "mark": None, "floor": None, "quarantinedDigests": digests, "quarantinedVersions": versions}
    )
    scopes = min(genome.integer("scopes", 1, 3_000), max(1, (MOST - 400_000) // (len(state) + 60)))
    lines, head = [], GENESIS
    for at in range(min(count, (MOST - 100_000) // 700) if count > scopes else scopes):
        event = _event(at + 1, f"s{at:05}", state if at < scopes else None)
        head = chain(head, event)
        lines.append(event)
    said = [
        canonical({"scope": f"s{at:05}", "state": 0}).replace('"state":0', f'"state":{state}') for at in range(scopes)
    ]
    header = canonical({"schema": SCHEMA, "head": str(head), "maxTimeSeen": None, "scopes": scopes})
    junk = json_text(genome, "text", 1_000_000) if genome.choice("junk", (False, False, True)) else ""
    return "".join(f"{line}\n" for line in (header, *([junk] if junk else said), *lines)).encode("utf-8", "replace")[
        :MOST
    ]


def _event(sequence: int, scope: str, state: str | None) -> str:
    absent = ("version", "scheme", "epoch", "digest", "policy", "verdict")
    members: dict[str, object] = {
        **dict.fromkeys(absent),
        "sequence": sequence,
        "time": _TIME,
        "kind": "quarantine",
        "scope": scope,
        "reasons": [],
        "detail": "",
        "comment": "c",
        "actor": "a",
        "correlationId": "c",
        "state": state and str(state_digest(state)),
    }
    return canonical(members)


def manifests(genome: Genome) -> bytes:
    """What a registry says an image is, with many layers, annotations, or fields of its own."""
    descriptor = f'{{"mediaType":"a/b","digest":"{_DIGEST}","size":1,"annotations":{{%s}}}}'
    annotations = repeated('"%d":"v"', genome.integer("annotations", 1, 60_000), ",")
    few = genome.choice("few", (True, False))
    layers = repeated(
        descriptor.replace("%s", "" if few else annotations[:2_000].rpartition(",")[0]),
        genome.integer("layers", 1, 5_000),
        ",",
    )
    more = json_text(genome, "text", 500_000)
    return _encoded(
        f'{{"schemaVersion":2,"config":{descriptor.replace("%s", "")},"layers":[{layers}],'
        f'"annotations":{{{annotations}}},"more":{more}}}'
    )


def tokens(genome: Genome) -> bytes:
    """What a token service answers."""
    return _encoded('{"token":' + json_text(genome, "text", 60_000) + "}")[: 64 * 1024]


def challenges(genome: Genome) -> bytes:
    """A header that asks for credentials."""
    unit = genome.choice(
        "unit", ("Bearer ", 'a="b",', "a=b, ", ",", " ", 'a="\\\\",', "Basic x==,", '="', "a ", "a=", '"')
    )
    other = genome.choice("other", ("", "Bearer ", 'realm="', ",", " ", "\t"))
    return ((unit + other) * genome.integer("count", 1, 16_000))[: 64 * 1024].encode()
