"""Under which heading of a command's help an option stands, and in which order: the same in every command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verifier.cli.options.parameter import Parameter

OF_THE_COMMAND: Final = "Options"
_RARE: Final = "Rarely needed"
HEADINGS: Final = (
    OF_THE_COMMAND,
    "What it is about",
    "Filters",
    "What is audited",
    "Verdict and policy",
    "What is withdrawn",
    "Document",
    "Whom to believe",
    "Who signs",
    "Records",
    "Agent",
    "Who may ask",
    "Ledger",
    "Order",
    "Answer",
    "Signature inside the bundle",
    "Name and evidence",
    "Version",
    "Signatures",
    "How it must have been built",
    "Which image",
    "Files that it lists",
    "What the verdict must say",
    "What it has to be",
    "What counts",
    "What does not count",
    "Hygiene",
    "Online",
    "What it claims",
    "What is signed",
    "What goes with it",
    "Gate",
    "Who says so",
    "Attestation",
    "Signed verdict",
    "One bundle, without --config",
    "Run",
    _RARE,
)
"""Every heading, in order: what everybody types stands first."""
RARE: Final = frozenset(
    {
        *(
            "--timeout",
            "--now",
            "--correlation-id",
            "--trusted-root",
            "--refresh-trust",
            "--rego-engine",
            "--mode",
            "--ledger-init",
        ),
        *("--cert-identity-regexp", "--cert-oidc-issuer-regexp", "--verifier-id", "--resource-uri", "--signing-config"),
        *(
            "--actor",
            "--service-canary",
            "--service-url",
            "--ignore-parameter",
            "--previous-may-be-absent",
            "--ledger-init",
        ),
    }
)
"""Options that stand at the end, whatever their group, unless they have to be given."""


def under_headings(parameters: Iterable[Parameter]) -> Iterator[tuple[str, list[Parameter]]]:
    """Each heading with its options, in order, where it has any; arguments are not among them."""
    found: dict[str, list[Parameter]] = {}
    for each in parameters:
        if each.said.flags:
            found.setdefault(heading(each), []).append(each)
    for title in (*HEADINGS, *sorted(found.keys() - set(HEADINGS))):
        if title in found:
            yield title, found[title]


def heading(parameter: Parameter) -> str:
    """The heading of an option."""
    rare = RARE.intersection(parameter.said.flags) and not parameter.required and parameter.panel != "Filters"
    return _RARE if rare else parameter.panel or OF_THE_COMMAND
