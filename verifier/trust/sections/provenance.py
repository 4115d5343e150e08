"""`provenance`: how the artifact must have been built.

* only builders that the policy has are named
* no parameter is both expected and ignored
* `require_certificate_match` is only ever switched off by name
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from verifier.trust import vocabulary
from verifier.trust.model import ArtifactRule, RuleSection

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.formats.toml.table import Table
    from verifier.trust.names import Names


class ProvenanceRule(RuleSection):
    """SLSA: the least build level, from one of `builders`; `source` as a repository and `ref` as a glob where given.

    `external_parameters` are pairs of a parameter's path and a glob for its value; what lies at or under a path of
    `ignore_parameters` is not judged. `require_certificate_match` is only ever switched off by name.
    """

    name: ClassVar[str] = "provenance"
    keys: ClassVar[tuple[str, ...]] = (
        *("provenance.level", "provenance.builders", "provenance.source", "provenance.ref", "provenance.build_type"),
        *("provenance.external_parameters", "provenance.ignore_parameters", "provenance.require_certificate_match"),
    )
    judged: ClassVar[bool] = True
    unordered: ClassVar[tuple[str, ...]] = ("external_parameters", "ignore_parameters")

    level: int
    builders: tuple[str, ...]
    source: str | None = None
    ref: str | None = None
    build_type: str | None = None
    external_parameters: tuple[tuple[str, str], ...] = ()
    ignore_parameters: tuple[str, ...] = ()
    require_certificate_match: bool = True

    @classmethod
    def parse(cls, rule: Table, names: Names) -> ProvenanceRule:
        table = cls.table_in(rule, "provenance")
        builders = table.texts("builders")
        for index, name in enumerate(builders):
            table.reference("builders", name, names.builders, what="the builder", index=index)
        return cls(
            level=table.integer("level", low=1, high=vocabulary.MAX_BUILD_LEVEL),
            builders=builders,
            source=table.checked_text("source", check_source),
            ref=table.checked_text("ref", vocabulary.check_glob),
            build_type=table.checked_text("build_type", vocabulary.check_uri),
            external_parameters=_parameters(table),
            ignore_parameters=_ignored(table),
            require_certificate_match=table.flag("require_certificate_match", default=True),
        )

    def words(self, rule: ArtifactRule) -> Iterator[str]:
        yield from (f"{rule.pattern}: {clause}." for clause in self._clauses())

    def _clauses(self) -> Iterator[str]:
        yield f"it was built at SLSA build level {self.level} or higher, by {' or '.join(self.builders)}"
        if self.source is not None:
            ref = f", from {self.ref}" if self.ref is not None else ""
            yield f"its source is {self.source}{ref}"
        elif self.ref is not None:
            yield f"it was built from {self.ref}"
        if self.build_type is not None:
            yield f"its build type is {self.build_type}"
        if self.external_parameters:
            listed = ", ".join(f"{path} = {value}" for path, value in self.external_parameters)
            yield f"its build was started with {listed}"
        if self.ignore_parameters:
            yield f"the build's parameters under {', '.join(self.ignore_parameters)} may be anything"
        if not self.require_certificate_match:
            yield "its provenance may contradict the certificate that signed it"


def check_source(text: str) -> str:
    """A repository's URI, without a ref."""
    from verifier.formats.intoto.source_uri import split_ref  # noqa: PLC0415 - few rules name a source

    if split_ref(text)[1] is not None:
        raise ValueError(f"must be a repository without a ref, which belongs into `ref`, not {text!r}")
    return vocabulary.check_uri(text)


def check_parameter(text: str) -> str:
    """The path of a build's parameter."""
    from verifier.formats.intoto.parameters import is_path  # noqa: PLC0415 - few rules name parameters

    if not is_path(text):
        raise ValueError(f'must be a parameter\'s path such as inputs.name or inputs."a b", not {text!r}')
    return text


def _parameters(table: Table) -> tuple[tuple[str, str], ...]:
    """The expected parameters, whose paths are the author's own."""
    values = table.values.get("external_parameters")
    if values is None:
        return ()
    expected = table.required_table("external_parameters", frozenset(values if isinstance(values, dict) else ()))
    for path in expected.values:
        expected.checked(path, partial(check_parameter, path))
    return tuple((path, expected.required_text(path, vocabulary.check_glob)) for path in expected.values)


def _ignored(table: Table) -> tuple[str, ...]:
    ignored = table.optional_texts("ignore_parameters", check_parameter)
    expected = table.values.get("external_parameters", {})
    for index, path in enumerate(ignored):
        if isinstance(expected, dict) and path in expected:
            raise table.error("ignore_parameters", f"lists {path!r}, which `external_parameters` expects", index=index)
    return ignored
