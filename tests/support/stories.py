"""One bundle, its signers and a policy that trusts them: where every story about a verification starts."""

from __future__ import annotations

import json
from datetime import datetime

from tests.support import material
from tests.support.material import NOW, private_key, signer
from tests.support.rules import artifact_rule
from verifier.archives.pack import pack_members
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.limits import DEFAULT_LIMITS
from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.severity import Severity
from verifier.core.verdict import Verdict
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.engine.verification import Verification
from verifier.formats.intoto.release import Release
from verifier.ledger.absent import ledger_of
from verifier.publish.attest import attest_release
from verifier.publish.sign import sign_bundle
from verifier.rego.interface import OrganisationDenial
from verifier.signatures.keys import algorithms_of
from verifier.trust.model import TrustPolicy
from verifier.trust.sections.organisation import OrganisationRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom
from verifier.trust.tables.verifiers import VerifierRule

NAME = "authz"
SCOPE = "bundle:authz"
POLICY_ID = "https://example.org/policy"
URI = "https://bundles.example.org/authz.tar.gz"
VERIFIER = "https://example.org/verifier"
MODULE = b"package authz\n\nallow := input.admin\n"
RULES = RegoModule(path="rules/release.rego", source="package release\n")
EMBEDDED = OrganisationRule(paths=(RULES.path,), engine="embedded")


def archive(revision: str | None = "1.0.0", *, module: bytes = MODULE, **files: bytes) -> bytes:
    """An unsigned bundle; `files` are added under authz/, a `_` in their names standing for a dot."""
    manifest = {"revision": revision, "roots": ["authz"]} if revision is not None else {"roots": ["authz"]}
    added = [(f"authz/{name.replace('_', '.')}", content) for name, content in files.items()]
    return pack_members([(".manifest", json.dumps(manifest).encode()), ("authz/policy.rego", module), *added])


def signed(content: bytes | None = None, key: str = "p256", *, now: datetime = NOW, **options) -> bytes:
    """A bundle with an embedded signature, by default one of `archive()`."""
    loaded = private_key(key)
    chosen = {"keyid": key, "scope": NAME} | options
    algorithm = algorithms_of(loaded.public_key())[0]
    return sign_bundle(content or archive(), key=loaded, algorithm=algorithm, now=now, **chosen)


def detached(content: bytes, key: str = "ed25519", *, file: str = "release.json", **claims) -> Document:
    """A release attestation beside `content`."""
    release = Release(**({"kind": "bundle", "name": NAME, "issued_at": NOW} | claims))
    envelope = attest_release(release, digests=[Digest.of(content)], key=private_key(key), keyid=key)
    return Document(name=file, content=envelope)


def statement(content: bytes, key: str, predicate_type: str, **predicate) -> Document:
    """An attestation of any type about `content`."""
    payload = material.statement(Digest.of(content).value, predicate_type, **predicate)
    return Document(name="statement.json", content=material.envelope(payload, key))


def policy(*names: str, threshold: int = 1, signers=(), limits=DEFAULT_LIMITS, **rule) -> TrustPolicy:
    """A policy with one rule, for `bundle:authz`; `names` are those of keys, "p256" by default."""
    trusted = signers or tuple(signer(name) for name in names or ("p256",))
    chosen = {"version": VersionFrom(source="manifest.revision", scheme="semver")} | rule
    signatures = SignatureRule(
        threshold=threshold, from_=tuple(each.name for each in trusted), scope=chosen.pop("scope", None)
    )
    return TrustPolicy(
        id=POLICY_ID,
        digest=Digest.of(b"policy"),
        trust_digest=Digest.of(b"trust"),
        signers={each.name: each for each in trusted},
        artifacts=(artifact_rule("bundle:authz", signatures, **chosen),),
        builders=(),
        verifiers=(VerifierRule(name="ci", signer=trusted[0].name, id=VERIFIER),),
        organisation=(RULES,),
        limits=limits,
        base_dir="",
    )


def request(source=None, trust: TrustPolicy | None = None, **changes) -> Request:
    chosen = {
        "source": signed() if source is None else source,
        "name": NAME,
        "policy": trust or policy(),
        "now": NOW,
        "correlation_id": "story",
        "verifier_id": VERIFIER,
        "rego": SILENT,
    }
    store = ledger_of(changes.pop("ledger", None))
    if isinstance(changes.get("rego"), StubbornEngine):
        changes.setdefault("judges", {"opa": changes["rego"]})
    return Request(**(chosen | changes), ledger=store)


def verify(source=None, trust: TrustPolicy | None = None, **changes) -> Verification:
    return verify_artifact(request(source, trust, **changes))


def codes(verdict: Verdict, severity: Severity | None = Severity.ERROR) -> list[str]:
    """The codes of the verdict's errors; with another severity those, with None all."""
    return [reason.code for reason in verdict.reasons if severity is None or reason.severity is severity]


def warnings(verdict: Verdict) -> list[str]:
    return codes(verdict, Severity.WARNING)


class StubbornEngine:
    """A Rego engine that finds `builtins` in every module and says `denials`, after it did `meanwhile`."""

    name = "stubborn"

    def __init__(self, *, builtins=(), denials=(), problem="", meanwhile=None) -> None:
        self.builtins, self.denials, self.problem, self.meanwhile = frozenset(builtins), denials, problem, meanwhile
        self.documents: list[dict] = []

    def analyse(self, modules, *, of=""):  # noqa: ARG002 - it has no memory
        return tuple(
            ModuleAnalysis(path=module.path, package=("authz",), builtins=self.builtins, problem=self.problem)
            for module in modules
        )

    def evaluate(self, rules, *, document, series=""):  # noqa: ARG002 - it answers for any
        self.documents.append(document)
        if self.meanwhile is not None:
            self.meanwhile()
        return tuple(
            OrganisationDenial(rule="data.release.deny", path=rules[0].path, message=text) for text in self.denials
        )


SILENT = StubbornEngine()
"""An engine that reads every module and finds nothing in it."""
