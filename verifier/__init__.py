"""May this policy bundle be used, and is it at least as new as what was accepted before?

    >>> import verifier
    >>> policy = verifier.load_policy(Path("trust.toml"))
    >>> with verifier.open_ledger("sqlite:///var/lib/verifier/ledger.db") as ledger:
    ...     verified = verifier.require(content, name="authz", policy=policy, ledger=ledger, record=True)
    >>> load(verified.content)  # for a denial `verifier.Denied` was raised, with its verdict

Names are loaded when they are first used, so that importing this package costs nothing.
"""

TYPE_CHECKING = False  # as type checkers know it: `typing` takes longer to import than a hook has that asks an agent

if TYPE_CHECKING:
    from verifier.agent.loader import AgentLoader
    from verifier.core.costs.progress import Progress, Step
    from verifier.core.digest import Digest
    from verifier.core.document import Document
    from verifier.core.errors import ConfigurationError, Refused, VerifierError
    from verifier.core.limits import Limits
    from verifier.core.outcome import Reason
    from verifier.core.severity import Severity
    from verifier.core.verdict import (
        Decision,
        EvidenceItem,
        Input,
        LedgerTrace,
        Part,
        PolicyReference,
        Subject,
        Verdict,
    )
    from verifier.core.version import VERSION as __version__  # noqa: N811 - its name in every package
    from verifier.engine.by_verdict import VerdictRequest, verify_verdict
    from verifier.engine.facade import open_image, require, verify, verify_image
    from verifier.engine.recipe import verify_artifact
    from verifier.engine.request import Request
    from verifier.engine.verification import Denied, Verification, VerifiedBytes
    from verifier.engine.vulnerabilities.question import Advisories
    from verifier.formats.oci.platform import Platform
    from verifier.inspecting.inspect import inspect
    from verifier.inspecting.inspected import Inspected
    from verifier.kinds.image.wish import ImageWish, Search
    from verifier.ledger.interface import Head, Ledger
    from verifier.ledger.open import create_ledger_url as create_ledger
    from verifier.ledger.open import open_ledger_url as open_ledger
    from verifier.loading.aio import AsyncLoader, preload_async, require_async, verify_async, verify_image_async
    from verifier.loading.cache.store import Cache, CacheBounds
    from verifier.loading.findings import Source
    from verifier.loading.loader import Loader
    from verifier.loading.preload import preload
    from verifier.loading.question import Fallback, Terms
    from verifier.net.access import Access, Mirror, Stored
    from verifier.net.network import Network
    from verifier.rego.built_in import BuiltInEngine
    from verifier.rego.interface import RegoEngine, RuleEngine
    from verifier.rego.organisation.opa_rules import OpaRules
    from verifier.sources.chain import Whereabouts
    from verifier.sources.content import Remote
    from verifier.sources.place import Place
    from verifier.trust.load import load_policy
    from verifier.trust.model import ArtifactRule, TrustPolicy
    from verifier.trust.names import CheckOrder

__all__ = [
    "Access",
    "Advisories",
    "AgentLoader",
    "ArtifactRule",
    "AsyncLoader",
    "BuiltInEngine",
    "Cache",
    "CacheBounds",
    "CheckOrder",
    "ConfigurationError",
    "Decision",
    "Denied",
    "Digest",
    "Document",
    "EvidenceItem",
    "Fallback",
    "Head",
    "ImageWish",
    "Input",
    "Inspected",
    "Ledger",
    "LedgerTrace",
    "Limits",
    "Loader",
    "Mirror",
    "Network",
    "OpaRules",
    "Part",
    "Place",
    "Platform",
    "PolicyReference",
    "Progress",
    "Reason",
    "Refused",
    "RegoEngine",
    "Remote",
    "Request",
    "RuleEngine",
    "Search",
    "Severity",
    "Source",
    "Step",
    "Stored",
    "Subject",
    "Terms",
    "TrustPolicy",
    "Verdict",
    "VerdictRequest",
    "Verification",
    "VerifiedBytes",
    "VerifierError",
    "Whereabouts",
    "__version__",
    "create_ledger",
    "inspect",
    "load_policy",
    "open_image",
    "open_ledger",
    "preload",
    "preload_async",
    "require",
    "require_async",
    "verify",
    "verify_artifact",
    "verify_async",
    "verify_image",
    "verify_image_async",
    "verify_verdict",
]

_HOMES = {
    "__version__": "core.version:VERSION",
    "Access": "net.access:Access",
    "Advisories": "engine.vulnerabilities.question:Advisories",
    "AgentLoader": "agent.loader:AgentLoader",
    "ArtifactRule": "trust.model:ArtifactRule",
    "AsyncLoader": "loading.aio:AsyncLoader",
    "BuiltInEngine": "rego.built_in:BuiltInEngine",
    "Cache": "loading.cache.store:Cache",
    "CacheBounds": "loading.cache.store:CacheBounds",
    "CheckOrder": "trust.names:CheckOrder",
    "ConfigurationError": "core.errors:ConfigurationError",
    "Decision": "core.verdict:Decision",
    "Denied": "engine.verification:Denied",
    "Digest": "core.digest:Digest",
    "Document": "core.document:Document",
    "EvidenceItem": "core.verdict:EvidenceItem",
    "Fallback": "loading.question:Fallback",
    "Head": "ledger.interface:Head",
    "ImageWish": "kinds.image.wish:ImageWish",
    "Input": "core.verdict:Input",
    "Inspected": "inspecting.inspected:Inspected",
    "Ledger": "ledger.interface:Ledger",
    "LedgerTrace": "core.verdict:LedgerTrace",
    "Limits": "core.limits:Limits",
    "Loader": "loading.loader:Loader",
    "Mirror": "net.access:Mirror",
    "Network": "net.network:Network",
    "OpaRules": "rego.organisation.opa_rules:OpaRules",
    "Part": "core.verdict:Part",
    "Place": "sources.place:Place",
    "Platform": "formats.oci.platform:Platform",
    "PolicyReference": "core.verdict:PolicyReference",
    "Progress": "core.costs.progress:Progress",
    "Reason": "core.outcome:Reason",
    "Refused": "core.errors:Refused",
    "RegoEngine": "rego.interface:RegoEngine",
    "Remote": "sources.content:Remote",
    "Request": "engine.request:Request",
    "RuleEngine": "rego.interface:RuleEngine",
    "Search": "kinds.image.wish:Search",
    "Severity": "core.severity:Severity",
    "Source": "loading.findings:Source",
    "Step": "core.costs.progress:Step",
    "Stored": "net.access:Stored",
    "Subject": "core.verdict:Subject",
    "Terms": "loading.question:Terms",
    "TrustPolicy": "trust.model:TrustPolicy",
    "Verdict": "core.verdict:Verdict",
    "VerdictRequest": "engine.by_verdict:VerdictRequest",
    "Verification": "engine.verification:Verification",
    "VerifiedBytes": "engine.verification:VerifiedBytes",
    "VerifierError": "core.errors:VerifierError",
    "Whereabouts": "sources.chain:Whereabouts",
    "create_ledger": "ledger.open:create_ledger_url",
    "inspect": "inspecting.inspect:inspect",
    "load_policy": "trust.load:load_policy",
    "open_image": "engine.facade:open_image",
    "open_ledger": "ledger.open:open_ledger_url",
    "preload": "loading.preload:preload",
    "preload_async": "loading.aio:preload_async",
    "require": "engine.facade:require",
    "require_async": "loading.aio:require_async",
    "verify": "engine.facade:verify",
    "verify_artifact": "engine.recipe:verify_artifact",
    "verify_async": "loading.aio:verify_async",
    "verify_image": "engine.facade:verify_image",
    "verify_image_async": "loading.aio:verify_image_async",
    "verify_verdict": "engine.by_verdict:verify_verdict",
}


def __getattr__(name: str) -> object:
    """Load a public name from where it is defined (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - as `typing`

    module, _, attribute = home.partition(":")
    value: object = getattr(import_module(f"{__name__}.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
