"""Every kind of thing that is inspected, told by its content: one row a kind.

* what something is says its content (`formats.foreign`), and never its name; a lock file alone is told by its name, as
  everywhere, for most of them have no form of their own
* what no row has is recognised and named, or is a file: whoever inspects learns at least its size and its digest
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from verifier.core.value import Value
from verifier.inspecting.inspected import Described, Given


class Row(Value):
    """A kind: what `formats.foreign` calls its forms, and the function below `inspecting.kinds` that describes it."""

    kind: str
    forms: frozenset[str]
    place: str

    def describe(self, given: Given) -> Described:
        """What it says of itself."""
        module, _, function = self.place.partition(":")
        describing: Callable[[Given], Described] = getattr(
            import_module(f"verifier.inspecting.kinds.{module}"), function or "describe"
        )
        return describing(given)


def _row(kind: str, place: str, *forms: str) -> Row:
    return Row(kind=kind, forms=frozenset(forms), place=place)


TABLE: Final[tuple[Row, ...]] = (
    _row("bundle", "bundle", "gzip"),
    _row("image", "image"),
    _row(
        "attestation",
        "attestation",
        *("sigstore-bundle", "envelope", "envelope-with-certificate", "other-envelope", "cosign-bundle"),
        *("pypi-attestation", "pypi-provenance", "npm-attestations", "gh-verified", "raw-signature"),
        "base64-signature",
        "cosign-layer",
    ),
    _row("statement", "statement", "statement", "provenance-predicate", "vsa-predicate"),
    _row("sbom", "sbom", "spdx", "cyclonedx", "cyclonedx-xml", "spdx-3", "spdx-text"),
    _row("lock", "lock"),
    _row("ledger-export", "ledger:describe_export", "ledger-export"),
    _row("ledger", "ledger:describe_file", "ledger-file"),
    _row("policy", "policy", "trust-policy"),
    _row("key", "key", "public-key", "jwk", "jwks", "ssh-public-key", "der-key"),
    _row(
        "secret",
        "key:describe_secret",
        *("private-key", "cosign-private-key", "ssh-private-key"),
    ),
    _row("certificate", "certificate", "certificate", "der-certificate"),
    _row("report", "document:describe_report", "verifier-report"),
    _row("checksums", "document:describe_checksums", "checksums"),
    _row("trusted-root", "document:describe_root", "trusted-root", "client-trust"),
    _row("database", "document:describe_database", "records"),
    _row("signatures", "document:describe_signatures", "opa-signatures"),
    _row("manifest", "manifest", "oci-index", "oci-manifest"),
    _row("file", "document:describe_foreign"),
)
"""Every kind; the last describes whatever no other does."""


def row_of(form: str) -> Row:
    """The row that describes a form."""
    return next((each for each in TABLE if form in each.forms), TABLE[-1])


def row_named(kind: str) -> Row:
    """The row of a kind."""
    return next(each for each in TABLE if each.kind == kind)
