"""What a proposed policy would demand: of what an artifact states, each with what has to be looked at.

* the name, the version's place and scheme, what counts as a signature, the builder: none of it is verified yet
* what the artifact does not state is said, with what would give it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from verifier.core.errors import ConfigurationError
from verifier.core.uris import RELEASE, VERIFICATION_SUMMARY
from verifier.core.value import Value
from verifier.formats.intoto.provenance import PROVENANCE_TYPES
from verifier.formats.intoto.release import SIGNATURE_PREDICATES
from verifier.inspecting.inspected import Inspected, Stated
from verifier.inspecting.proposing.signers import Proposed
from verifier.trust.kinds import KINDS
from verifier.trust.sections.provenance import check_source
from verifier.trust.template import quote
from verifier.trust.vocabulary import LONGEST_NAME, check_uri, is_plain_name
from verifier.versions.advice import fitting

if TYPE_CHECKING:
    from verifier.formats.json.strict_json import JsonValue

_LABEL: Final = "org.opencontainers.image.version"
_ASIDE: Final = 60
_UNORDERED: Final = 'version = "none"'


class Demand(Value):
    """The rule: its pattern, the lines of its table, tables beside it, and what the artifact could not give it."""

    pattern: str
    lines: tuple[str, ...]
    tables: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


def proposed_rule(seen: Inspected, signers: Sequence[Proposed], *, artifact: str | None) -> Demand:
    """The rule for what was seen; raises `ConfigurationError` where nobody knows what it is called."""
    pattern = artifact or _pattern(seen)
    statements = [each.stated for each in seen.described.claims if each.stated is not None]
    version, lack = _version(seen, statements, pattern)
    builders = tuple(_builders(statements, signers))
    lines = (_signatures(seen, statements, signers), *_binding(statements, pattern), *version)
    further = (*(table for table, _ in builders), *_provenance(statements, builders, pattern))
    verifiers = tuple(_verifiers(statements, signers))
    tables = (
        *(("# To demand provenance as well:\n" + "".join(map(_commented, further)),) if further else ()),
        *(verifiers if seen.kind == "verdict" else map(_commented, verifiers)),
    )
    return Demand(pattern=pattern, lines=lines, tables=tables, lacks=(lack,) if lack else ())


def _pattern(seen: Inspected) -> str:
    """kind:name, as the artifact, its place or a release beside it says."""
    if seen.kind in {"image", "index"}:
        return f"image:{_plain(_last(seen.reference))}"
    for each in seen.described.claims:
        stated = each.stated
        if stated is not None and stated.predicate_type in {RELEASE, VERIFICATION_SUMMARY}:
            found = next((str(fact.value) for fact in stated.facts if fact.name == "artifact"), "")
            if found.partition(":")[0] in KINDS:
                return f"{found.partition(':')[0]}:{_plain(found.partition(':')[2])}"
    if seen.kind == "bundle":
        return f"bundle:{_plain(_last(seen.reference))}"
    names = [
        name for each in seen.described.claims if each.stated is not None for name, _ in each.stated.subjects if name
    ]
    return f"artifact:{_plain(names[0] if names else _last(seen.reference))}"


def _said(seen: Inspected) -> dict[str, str]:
    return {each.name: each.value for each in seen.described.facts if isinstance(each.value, str)}


def _last(reference: str) -> str:
    last = reference.partition("@")[0].rpartition("/")[2] or reference
    return last.partition(":")[0] or last.rpartition(":")[2]


def _plain(name: str) -> str:
    if not is_plain_name(name):
        raise ConfigurationError("say what it is called, as in image:registry.acme.example/app", where="--artifact")
    return name


def _signatures(seen: Inspected, statements: Sequence[Stated], signers: Sequence[Proposed]) -> str:
    names = ", ".join(quote(each.name) for each in signers)
    counted = ""
    plain = any(each.stated is None for each in seen.described.claims if each.signatures)
    types = {each.predicate_type for each in statements}
    if not plain and not types & SIGNATURE_PREDICATES and types:
        # Nothing else was signed: whoever signs such a statement would say that it may be used.
        listed = ", ".join(quote(each) for each in sorted(types - {VERIFICATION_SUMMARY}) if _fits(check_uri, each))
        counted = f", attestations = [{listed}]" if listed else ""
    return _line(f"signatures = {{ from = [{names}]{counted} }}", "any one of them; `threshold` for more")


def _binding(statements: Sequence[Stated], pattern: str) -> Iterator[str]:
    if pattern.startswith("artifact:") and any(each.predicate_type == RELEASE for each in statements):
        yield _line('name = { from = "attestation" }', "signed for another name is not this one")


def _version(seen: Inspected, statements: Sequence[Stated], pattern: str) -> tuple[tuple[str, ...], str]:
    """Where a version stands that has an order, and what to say where there is none."""
    seen_elsewhere = ""
    for source, text in _places(seen, statements, pattern):
        found = fitting(text)
        if found is None:
            seen_elsewhere = seen_elsewhere or text
            continue
        scheme, prefix = found
        behind = f", prefix = {quote(prefix)}" if prefix else ""
        stated = f"it states {text}: is that how you order?" if text.isprintable() else "is that how you order?"
        why = "whoever may push moves a tag: nobody signs it" if source == "tag" else stated
        lines = [_line(f'version = {{ from = "{source}", scheme = "{scheme.value}"{behind} }}', why)]
        lines.append(_line(f"floor = {quote(text.removeprefix(prefix))}", "never accept less, not even the first time"))
        return tuple(lines), ""
    shown = f"the version {seen_elsewhere[:80]!r}, which has no order" if seen_elsewhere else "no version"
    unordered = _line(_UNORDERED, "nothing is compared with what was accepted before")
    return (unordered,), f"{shown}: a replayed older one passes"


def _places(seen: Inspected, statements: Sequence[Stated], pattern: str) -> Iterator[tuple[str, str]]:
    for each in statements:
        yield from (
            ("attestation.version", str(fact.value))
            for fact in each.facts
            if fact.name == "version" and each.predicate_type == RELEASE
        )
    if pattern.startswith("image:"):
        rows: list[tuple[JsonValue, ...]] = [
            row for each in seen.described.listings if each.name == "labels" for row in each.rows
        ]
        yield from ((f"label:{_LABEL}", str(value)) for name, value in rows if name == _LABEL)
        if tag := _said(seen).get("tag"):
            yield "tag", tag


def _builders(statements: Sequence[Stated], signers: Sequence[Proposed]) -> Iterator[tuple[str, str]]:
    """Tables of the builders that provenance names, with their names."""
    named: dict[str, str] = {}
    for each in statements:
        builder = next((str(fact.value) for fact in each.facts if fact.name == "builder"), "")
        if each.predicate_type not in PROVENANCE_TYPES or builder in named or not _fits(check_uri, builder):
            continue
        named[builder] = name = "builder" if not named else f"builder-{len(named) + 1}"
        table = [
            f"[builders.{name}]",
            f"signer = {quote(signers[0].name)}",
            _line(f"id = {quote(builder)}", "as provenance states it"),
            _line("level = 1", "how far you believe it: SLSA's build level 1 to 3"),
        ]
        yield "\n".join(table) + "\n", name


def _provenance(statements: Sequence[Stated], builders: Sequence[tuple[str, str]], pattern: str) -> Iterator[str]:
    if not builders:
        return
    provenance = next(each for each in statements if each.predicate_type in PROVENANCE_TYPES)
    source = next((str(fact.value) for fact in provenance.facts if fact.name == "source"), "")
    lines = [
        f"[artifacts.{quote(pattern)}.provenance]",
        "level = 1",
        f"builders = [{', '.join(quote(name) for _, name in builders)}]",
    ]
    if _fits(check_source, source):
        lines.append(_line(f"source = {quote(source)}", "CONFIRM ELSEWHERE: whose source it is built from"))
    yield "\n".join(lines) + "\n"


def _verifiers(statements: Sequence[Stated], signers: Sequence[Proposed]) -> Iterator[str]:
    for each in statements:
        verifier = next((str(fact.value) for fact in each.facts if fact.name == "verifier"), "")
        if each.predicate_type == VERIFICATION_SUMMARY and _fits(check_uri, verifier):
            table = [
                "[verifiers.ci]",
                f"signer = {quote(signers[0].name)}",
                _line(f"id = {quote(verifier)}", "CONFIRM ELSEWHERE: whose verdicts count"),
            ]
            yield "\n".join(table) + "\n"
            return


def _commented(table: str) -> str:
    return "".join(f"# {each}\n" for each in table.splitlines())


def _fits(check: Callable[[str], str], text: str) -> bool:
    """Whether a policy may hold it, and means by it what the artifact says: a star would be a wildcard."""
    try:
        check(text)
    except ValueError:
        return False
    return 0 < len(text) <= LONGEST_NAME and "*" not in text and text.isprintable()


def _line(said: str, why: str) -> str:
    return f"{said.ljust(_ASIDE - 1)} # {why}"
