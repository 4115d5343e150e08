"""Judging the licences of components: one reason for each component that may not be used.

* what a component concludes counts; where nothing is concluded, everything that it states holds at once
* a name that is no SPDX expression is not guessed at: it is unknown, which denies where there is a list of what may be
* an exception is told when it is used, denies when it has ended, and is told when it matches nothing
* a file, or the system or platform it runs on as such, that states no licence belongs to what is judged beside it

Nothing is looked up for each component but its own licences: equal ones are evaluated once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from verifier.core.errors import refuse
from verifier.core.globs import glob_matches
from verifier.core.limits import MAX_FINDINGS
from verifier.core.outcome import Reason
from verifier.core.severity import Severity
from verifier.formats.bom.component import FILE, Component, License
from verifier.formats.bom.purl import purl_of
from verifier.formats.spdx_license import Expression, Symbol, all_of, parse_expression, symbols_of
from verifier.sbom.compare.identity import key_of, named
from verifier.sbom.licenses.evaluate import Judged, Standing, evaluate
from verifier.sbom.licenses.rules import Exemption, LicenseRules

MAX_CHARACTERS: Final = 4_000_000
"""Characters of expressions that are read, equal ones once: a distribution has some hundred thousand."""
_MOST_STATED: Final = 300
"""Characters of a stated licence that a message repeats."""
_CODES: Final[Mapping[Standing, str]] = {Standing.DENIED: "license.denied", Standing.UNKNOWN: "license.unknown"}


def judge_licenses(components: Iterable[Component], rules: LicenseRules, now: datetime) -> tuple[Reason, ...]:
    """Every finding about the licences of `components`, in their order, and then about the rules themselves.

    Needs the extra `sbom`: `ConfigurationError` without it. `Refused` (`input.too-costly`) where too much is stated.
    At most `MAX_FINDINGS` components are named for each code; how many more there are is said.
    """
    return tuple(_Judge(rules, now).reasons(components))


class _Judge:
    """One run: what has been evaluated and matched so far."""

    def __init__(self, rules: LicenseRules, now: datetime) -> None:
        self.rules, self.now = rules, now
        self.used: set[str] = set()
        self.matched: set[str] = set()
        self._characters = 0
        self._exceptions = _Exceptions(rules.exceptions)
        self._known: dict[tuple[License, ...], tuple[Judged, str]] = {}

    def reasons(self, components: Iterable[Component]) -> Iterator[Reason]:
        found = [reason for component in components if (reason := self._judged(component)) is not None]
        yield from _bounded(found)
        yield from self._about_exceptions()
        yield from self._about_the_list()

    def _judged(self, component: Component) -> Reason | None:
        if not component.licenses and _is_no_work(component):
            return None
        judged, stated = self._of(component.licenses)
        if judged.standing is Standing.ALLOWED:
            return None
        message = _message(judged, stated, self.rules)
        exemption = self._exemption(component)
        if exemption is None:
            return self._reason(_CODES[judged.standing], component, message, judged)
        if self.now >= exemption.until:
            ended = f"{message}; the exception {exemption.pattern!r} ended with {exemption.stated}"
            return self._reason("license.exception-expired", component, ended, judged)
        why = (
            f"{message}; excepted by {exemption.pattern!r} until {exemption.stated}: {exemption.reason[:_MOST_STATED]}"
        )
        return Reason(code="license.excepted", subject=named(component), message=why)

    def _reason(self, code: str, component: Component, message: str, judged: Judged) -> Reason:
        lenient = judged.standing is Standing.UNKNOWN and self.rules.allow is None
        severity = {"severity": Severity.WARNING} if lenient else {}
        return Reason(code=code, subject=named(component), message=message, **severity)

    def _of(self, licenses: tuple[License, ...]) -> tuple[Judged, str]:
        if licenses not in self._known:
            self._known[licenses] = self._evaluated(licenses)
        return self._known[licenses]

    def _evaluated(self, licenses: tuple[License, ...]) -> tuple[Judged, str]:
        counted = [each for each in licenses if each.acknowledgement == "concluded"] or list(licenses)
        stated = ", ".join(each.text for each in counted)[:_MOST_STATED]
        self._characters += sum(len(each.text) for each in counted)
        if self._characters > MAX_CHARACTERS:
            message = f"its components state more than {MAX_CHARACTERS:,} characters of different licences"
            raise refuse("input.too-costly", "licences", message)
        trees = [(each, _tree(each)) for each in counted]
        known = [tree for _, tree in trees if tree is not None]
        if not known or len(known) < len(trees):
            lost = next((each.text for each, tree in trees if tree is None), "")
            return Judged(Standing.UNKNOWN, lost[:_MOST_STATED]), stated
        return evaluate(all_of(known), self.rules, self.used), stated

    def _exemption(self, component: Component) -> Exemption | None:
        """The exception for a component that lasts longest."""
        if not self.rules.exceptions:
            return None
        fitting = self._exceptions.fitting(_names(component))
        self.matched.update(each.pattern for each in fitting)
        return max(fitting, key=lambda each: each.until, default=None)

    def _about_exceptions(self) -> Iterator[Reason]:
        for each in self.rules.exceptions:
            if each.pattern not in self.matched:
                message = f"no component with a licence that is not allowed is {each.pattern!r} (until {each.stated})"
                yield Reason(code="license.unused-rule", subject=each.pattern, message=message)

    def _about_the_list(self) -> Iterator[Reason]:
        written = self.rules.allow.written if self.rules.allow else ()
        unused = [each for each in written if each not in self.used]
        if unused:
            message = f"no component has what is allowed as {', '.join(unused)}"
            yield Reason(code="license.unused-rule", subject="allow", message=message, severity=Severity.NOTE)


class _Exceptions:
    """Exceptions, to be found by a name: those with a wildcard by the text before it."""

    def __init__(self, exceptions: Iterable[Exemption]) -> None:
        self._exact: dict[str, Exemption] = {}
        self._beginning: dict[str, list[Exemption]] = {}
        for each in exceptions:
            beginning, wildcard, _ = each.pattern.partition("*")
            if wildcard:
                self._beginning.setdefault(beginning, []).append(each)
            else:
                self._exact[each.pattern] = each
        self._lengths = sorted({len(each) for each in self._beginning})

    def fitting(self, names: Iterable[str]) -> list[Exemption]:
        """Every exception that one of the names has."""
        found: dict[str, Exemption] = {}
        for name in names:
            if name in self._exact:
                found[name] = self._exact[name]
            for length in self._lengths:
                for each in self._beginning.get(name[:length], ()):
                    if each.pattern not in found and glob_matches(each.pattern, name):
                        found[each.pattern] = each
        return list(found.values())


def _tree(stated: License) -> Expression | None:
    """What is stated, as an expression; None where it is none. A free text counts where it is one letter for letter."""
    try:
        tree = parse_expression(stated.text)
    except ValueError:
        return None
    if stated.form == "name" and any(symbol.kind == "unknown" for symbol in symbols_of(tree)):
        return None
    if isinstance(tree, Symbol) and tree.key.upper() in {"NOASSERTION", "NONE", "UNKNOWN"}:
        return None
    return tree


def _message(judged: Judged, stated: str, rules: LicenseRules) -> str:
    if not stated:
        return "states no licence"
    if judged.standing is Standing.UNKNOWN:
        return f"states {stated!r}, of which {judged.part!r} is no licence of the SPDX list"
    denied = f"states {stated!r}, of which {judged.part!r}"
    return f"{denied} is not allowed" if rules.allow else f"{denied} is denied"


_NO_WORKS: Final = frozenset({"file", "operating-system", "platform"})


def _is_no_work(component: Component) -> bool:
    """A file of something, the system that packages are installed in, or what evaluates a bundle and is not in it: none
    of them is licensed by itself."""
    return not component.purl and (component.ecosystem == FILE or component.type in _NO_WORKS)


def _names(component: Component) -> tuple[str, ...]:
    """What an exception may call a component: its purl with and without version and qualifiers, its name, and both as
    its ecosystem compares names."""
    found = [*_spellings(component)]
    name = key_of(component).name
    if name and name != component.name:
        found += _spellings(component._replace(name=name, namespace="", purl=""))
    return tuple(dict.fromkeys(each for each in found if each)) or ("?",)


def _spellings(component: Component) -> Iterator[str]:
    purl = purl_of(component)
    bare = purl.partition("#")[0].partition("?")[0]
    namespace = f"{component.namespace}/" if component.namespace else ""
    version = f"@{component.version}" if component.version else ""
    yield from (purl, bare, bare.rpartition("@")[0])
    yield from (f"{namespace}{component.name}{version}", f"{namespace}{component.name}", component.name)


def _bounded(found: list[Reason]) -> Iterator[Reason]:
    """The first of each code; of what is more, how many there are."""
    seen: dict[tuple[str, Severity], int] = {}
    for reason in found:
        key = (reason.code, reason.severity)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= MAX_FINDINGS:
            yield reason
    for (code, severity), count in seen.items():
        if count > MAX_FINDINGS:
            message = f"{count - MAX_FINDINGS} more components than the {MAX_FINDINGS} that are named"
            yield Reason(code=code, subject="components", message=message, severity=severity)
