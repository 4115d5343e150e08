"""Rego modules and what a compiler found in them, as values that every floor may hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from verifier.core.text.extras import how_to_install
from verifier.core.value import Value, field

NO_ENGINE = "was not analysed: no Rego engine was given"
"""The problem of every module where nothing is there to analyse it."""

NOT_INSTALLED = "was not analysed: the built-in Rego compiler (regopy) is not installed, or does not load here"
"""The problem of every module where the built-in engine has no compiler."""
HOW_TO_INSTALL = f"{how_to_install('rego')} Or let a real OPA do it: `verify bundle --rego-engine opa`."


class RegoModule(Value):
    """One Rego source file: its path in the bundle, its text, and the language version it is written in."""

    path: str
    source: str = field(repr=False)
    version: int = 1


class NamedModules(Sequence[RegoModule]):
    """Modules of which `name` says all: the same name, the same modules, with their paths and versions."""

    name: str


class ModuleAnalysis(NamedTuple):
    """What a compiler says of one module.

    `package` is its path without `data` ("authz", "http" for `package authz.http`), None where unknown;
    `builtins` the names of the builtin functions that it calls ("http.send"). `rules` are the places below `data` of
    the rules and functions that it defines, as far as they are written out, and `whole` those that are to their end;
    `calls` are the places of the functions that it calls, for whoever knows all modules to say whether they are there,
    and `unknown` the names of calls that are neither. `problem` is the compiler's message where the module could not be
    analysed, and `hint` what to do about it, where that is not what the catalogue says; `invalid` whether that means
    that the module is not Rego, rather than that the engine is limited; `final` whether the same engine would say the
    same again.
    """

    path: str
    package: tuple[str, ...] | None = None
    builtins: frozenset[str] = frozenset()
    rules: frozenset[tuple[str, ...]] = frozenset()
    whole: frozenset[tuple[str, ...]] = frozenset()
    calls: frozenset[tuple[str, ...]] = frozenset()
    unknown: tuple[str, ...] = ()
    problem: str = ""
    hint: str = ""
    invalid: bool = False
    final: bool = True
