"""The official schemas of CycloneDX, which come with its library: JSON by jsonschema-rs, XML by lxml.

* the schema is that of the version that the document states; nothing is fetched
* all faults are told, up to a bound, each with its path; what the document holds there is repeated escaped and short
* only what is small is searched for all of its faults: the validator lists them, and hostile input has millions

Source: https://cyclonedx.org/specification/overview; formats/sbom.md section 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from verifier.core.errors import ConfigurationError, refuse
from verifier.core.text.extras import how_to_install
from verifier.formats.bom.faults import Faults, told

if TYPE_CHECKING:
    from jsonschema_rs import Draft7Validator, ValidationError
    from lxml.etree import XMLSchema

VERSIONS: Final = ("1.4", "1.5", "1.6", "1.7")
"""What is read; before 1.4 documents have no validators of JSON that forbid unknown fields."""
_PLACE: Final = "http://cyclonedx.org/schema/"
_BESIDE: Final = ("spdx", "jsf-0.82", "cryptography-defs")
_LARGE: Final = 1_000
"""Items of an array that is validated apart from the rest once something is wrong."""
_SEARCHED: Final = 20_000
"""Values in what is searched for all of its faults; of what has more, the first is told."""
Tree = dict[str, Any]


def refuse_version(version: object, subject: str) -> None:
    """Refuse what is not one of `VERSIONS`."""
    if version in VERSIONS:
        return
    message = f"CycloneDX {told(version)}, expected one of {', '.join(VERSIONS)}"
    raise refuse("sbom.unsupported", subject, message)


def hold_json(tree: Tree, version: str, faults: Faults, *, formats: bool = True) -> None:
    """Note every breach of the schema of `version`; `formats` are those of times, addresses and the like."""
    validator = _json_validator(version, formats)
    if validator.is_valid(tree):
        return
    for path, piece in _pieces(tree):
        for error in _errors(validator, piece):
            faults.fault(*_told(error, path, piece))
    faults.settle()
    for error in _errors(validator, tree, all_of_them=False):  # as of two items that are the same, far from each other
        faults.fault(*_told(error, (), tree))
    faults.settle()


def schema_file(name: str) -> str:
    """The path of a schema of the library."""
    try:
        from cyclonedx.schema import _res  # noqa: PLC0415 - only who reads an SBOM needs the library
    except ImportError as error:
        raise missing_extra(error) from error
    return f"{_res.__path__[0]}/{name}"


def missing_extra(error: ImportError) -> ConfigurationError:
    """What to raise where the libraries of the extra are not installed."""
    message = f"SBOMs are read with {error.name}, which is not installed"
    return ConfigurationError(message, where="sbom", hint=how_to_install("sbom"))


@cache
def xml_schema(version: str) -> XMLSchema:
    """The XML schema of `version`."""
    from lxml import etree  # noqa: PLC0415 - as above

    return etree.XMLSchema(file=schema_file(f"bom-{version}.SNAPSHOT.xsd"))


@cache
def _json_validator(version: str, formats: bool) -> Draft7Validator:
    try:
        from jsonschema_rs import Draft7, Draft7Validator, Registry  # noqa: PLC0415 - as above
    except ImportError as error:
        raise missing_extra(error) from error
    names = [f"{each}.SNAPSHOT.schema.json" for each in _BESIDE]
    registry = Registry([(_PLACE + name, json_schema(name)) for name in names], draft=Draft7)
    bom = json_schema(f"bom-{version}.SNAPSHOT.schema.json")
    return Draft7Validator(bom, registry=registry, validate_formats=formats, mask="it", offline=True)


def json_schema(name: str) -> Any:
    """A JSON schema of the library."""
    with open(schema_file(name), encoding="utf-8") as file:  # noqa: PTH123 - what reads formats knows no paths
        return json.load(file)


def _pieces(tree: Tree) -> Iterator[tuple[tuple[str | int, ...], Tree]]:
    """The document without its large arrays, and each item of these in a document of its own."""
    large = {key: value for key, value in tree.items() if isinstance(value, list) and len(value) > _LARGE}
    yield (), {key: value for key, value in tree.items() if key not in large}
    beside: Tree = {key: tree[key] for key in ("bomFormat", "specVersion") if key in tree}
    for key, items in large.items():
        for index, item in enumerate(items):
            yield (key, index), {**beside, key: [item]}


def _errors(validator: Draft7Validator, piece: Tree, *, all_of_them: bool = True) -> Iterable[ValidationError]:
    from jsonschema_rs import ValidationError  # noqa: PLC0415 - as above

    if validator.is_valid(piece):
        return ()
    if all_of_them and _is_small(piece):
        return validator.iter_errors(piece)
    try:
        validator.validate(piece)
    except ValidationError as error:
        return (error,)
    return ()


def _is_small(value: object) -> bool:
    count, pending = 0, [value]
    while pending and count <= _SEARCHED:
        each = pending.pop()
        below = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        count += 1 + len(below)
        if count <= _SEARCHED:
            pending.extend(below)
    return count <= _SEARCHED


def _told(error: ValidationError, path: tuple[str | int, ...], piece: Tree) -> tuple[str, str]:
    """Where the schema is broken, and how."""
    error = _nearest(error)
    steps: list[str | int] = list(error.instance_path)
    value: Any = piece
    for step in steps:
        value = value[step]
    if path and len(steps) > 1:
        steps[1] = path[1]  # alone in its piece, an item is the first
    seen = f"is {told(value)}: " if isinstance(value, str | int | float) else ""
    verb = "breaks the schema: " if error.message[:1].isupper() else ""
    return _joined(steps), f"{seen}{verb}{error.message[:300]}"


def _nearest(error: ValidationError) -> ValidationError:
    """Of what fits none of several choices, what is wrong with the one that fits best."""
    while branches := [errors for errors in getattr(error.kind, "context", ()) if errors]:
        best = max(branches, key=lambda errors: (max(len(each.instance_path) for each in errors), -len(errors)))
        error = max(best, key=lambda each: len(each.instance_path))
    return error


def _joined(steps: Iterable[str | int]) -> str:
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the document"
