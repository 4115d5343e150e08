"""Rego modules and what a compiler found in them, as values that every floor may hold."""

from __future__ import annotations

from verifier.core.value import Value, field

NO_ENGINE = "was not analysed: no Rego engine was given"
"""The problem of every module where nothing is there to analyse it."""


class RegoModule(Value):
    """One Rego source file: its path in the bundle, its text, and the language version it is written in."""

    path: str
    source: str = field(repr=False)
    version: int = 1


class ModuleAnalysis(Value):
    """What a compiler says of one module.

    `package` is its path without `data` ("authz", "http" for `package authz.http`), None where unknown;
    `builtins` the names of the builtin functions that it calls ("http.send"). `problem` is the compiler's
    message where the module could not be analysed, and `hint` what to do about it, where that is not what the
    catalogue says; `invalid` whether the engine is one whose refusal means that the module is not Rego (a real
    OPA), rather than that the engine is limited.
    """

    path: str
    package: tuple[str, ...] | None = None
    builtins: frozenset[str] = frozenset()
    problem: str = ""
    hint: str = ""
    invalid: bool = False
