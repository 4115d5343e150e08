"""May this policy bundle be used, and is it at least as new as what was accepted before?

    >>> import verifier
    >>> policy = verifier.load_policy(Path("trust.toml"))
    >>> with verifier.open_ledger("sqlite:///var/lib/verifier/ledger.db") as ledger:
    ...     verified = verifier.require(content, name="authz", policy=policy, ledger=ledger, record=True)
    >>> load(verified.content)  # for a denial `verifier.Denied` was raised, with its verdict

Names are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.core.document import Document
    from verifier.core.errors import ConfigurationError, Refused, VerifierError
    from verifier.core.outcome import Reason
    from verifier.core.verdict import Decision, Verdict
    from verifier.engine.by_verdict import VerdictRequest, verify_verdict
    from verifier.engine.facade import open_image, require, verify, verify_image
    from verifier.engine.recipe import verify_artifact
    from verifier.engine.request import Request
    from verifier.engine.verification import Denied, Verification, VerifiedBytes
    from verifier.inspecting.inspect import inspect
    from verifier.inspecting.inspected import Inspected
    from verifier.kinds.image.wish import ImageWish
    from verifier.ledger.open import create_ledger_url as create_ledger
    from verifier.ledger.open import open_ledger_url as open_ledger
    from verifier.loading.cache.store import Cache, CacheBounds
    from verifier.loading.loader import Loader
    from verifier.loading.preload import preload
    from verifier.trust.load import load_policy
    from verifier.trust.model import TrustPolicy

__all__ = [
    "Cache",
    "CacheBounds",
    "ConfigurationError",
    "Decision",
    "Denied",
    "Document",
    "ImageWish",
    "Inspected",
    "Loader",
    "Reason",
    "Refused",
    "Request",
    "TrustPolicy",
    "Verdict",
    "VerdictRequest",
    "Verification",
    "VerifiedBytes",
    "VerifierError",
    "create_ledger",
    "inspect",
    "load_policy",
    "open_image",
    "open_ledger",
    "preload",
    "require",
    "verify",
    "verify_artifact",
    "verify_image",
    "verify_verdict",
]

_HOMES = {
    "Cache": "loading.cache.store:Cache",
    "CacheBounds": "loading.cache.store:CacheBounds",
    "ConfigurationError": "core.errors:ConfigurationError",
    "Decision": "core.verdict:Decision",
    "Denied": "engine.verification:Denied",
    "Document": "core.document:Document",
    "ImageWish": "kinds.image.wish:ImageWish",
    "Inspected": "inspecting.inspected:Inspected",
    "Loader": "loading.loader:Loader",
    "Reason": "core.outcome:Reason",
    "Refused": "core.errors:Refused",
    "Request": "engine.request:Request",
    "TrustPolicy": "trust.model:TrustPolicy",
    "Verdict": "core.verdict:Verdict",
    "VerdictRequest": "engine.by_verdict:VerdictRequest",
    "Verification": "engine.verification:Verification",
    "VerifiedBytes": "engine.verification:VerifiedBytes",
    "VerifierError": "core.errors:VerifierError",
    "create_ledger": "ledger.open:create_ledger_url",
    "inspect": "inspecting.inspect:inspect",
    "load_policy": "trust.load:load_policy",
    "open_image": "engine.facade:open_image",
    "open_ledger": "ledger.open:open_ledger_url",
    "preload": "loading.preload:preload",
    "require": "engine.facade:require",
    "verify": "engine.facade:verify",
    "verify_artifact": "engine.recipe:verify_artifact",
    "verify_image": "engine.facade:verify_image",
    "verify_verdict": "engine.by_verdict:verify_verdict",
}


def __getattr__(name: str) -> object:
    """Load a public name from where it is defined (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    value: object = getattr(import_module(f"{__name__}.{module}"), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
