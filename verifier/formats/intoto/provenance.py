"""SLSA provenance v1 and v0.2 as one value (https://slsa.dev/spec/v1.2/provenance, https://slsa.dev/spec/v0.2/provenance).

* what the specifications require is required; a field of the wrong type, or more items than the bounds, is refused
* v0.2 becomes v1 as SLSA's change history says, its parameters as `parameters.*` and `configSource.entryPoint`
* the source is what a known build type states, else the one Git repository among the dependencies, else nothing
* unknown fields are ignored, as SLSA demands; external parameters are kept, every one, for the check to judge
* duplicate and case-variant keys are refused; a build's own id has the one of two spellings that builders write

Nothing here is believed: that is `verifier.checks.provenance.check`, which knows who signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from verifier.core.value import Value, field
from verifier.formats.intoto.build_types import Dependencies, Dependency, Source, located, read_source, sole_repository
from verifier.formats.intoto.parameters import leaves
from verifier.formats.intoto.statement import ResourceDescriptor, Statement, parse_descriptor, parse_digest_set
from verifier.formats.json.fields import Fields
from verifier.formats.json.strict_json import JsonValue

PROVENANCE_V1: Final = "https://slsa.dev/provenance/v1"
PROVENANCE_V0_2: Final = "https://slsa.dev/provenance/v0.2"
PROVENANCE_TYPES: Final = (PROVENANCE_V1, PROVENANCE_V0_2)

MAX_DEPENDENCIES: Final = 16_384
"""Resolved dependencies of one build: the largest container builds list a few thousand."""
MAX_COMPONENTS: Final = 256
"""Components of one builder whose versions are listed."""

_INVOCATION_V1: Final = ("invocationId", "invocationID")
_INVOCATION_V0_2: Final = ("buildInvocationId", "buildInvocationID")
"""The specification's spelling, and that of in-toto's Go types: slsa-github-generator, BuildKit and Tekton write it."""

_SHA1_DIGITS: Final = 40
_EVENT: Final = ("GITHUB_EVENT_NAME", "github_event_name")


class Provenance(Value):
    """How an artifact was built, as its builder tells it.

    `trigger` and `runner_environment` are what GitHub's builders record of the event and the machine.
    """

    predicate_type: str
    builder_id: str
    builder_version: Mapping[str, str] = field(default_factory=dict)
    build_type: str
    source: Source | None = None
    external_parameters: Mapping[str, JsonValue] = field(repr=False)
    internal_parameters: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    resolved_dependencies: tuple[ResourceDescriptor, ...] = ()
    invocation_id: str | None = None
    started_on: datetime | None = None
    finished_on: datetime | None = None
    trigger: str | None = None
    runner_environment: str | None = None


def parse_provenance(statement: Statement, *, subject: str = "provenance") -> Provenance:
    """Read the statement's predicate as provenance; refuses with `provenance.malformed`."""
    fields = Fields(value=statement.predicate, code="provenance.malformed", subject=subject, path="predicate")
    readers = {PROVENANCE_V1: _v1, PROVENANCE_V0_2: _v0_2}
    read = readers.get(statement.predicate_type)
    if read is None:
        wanted = f"expected {PROVENANCE_V1!r} or {PROVENANCE_V0_2!r}"
        raise fields.refusal("", f"has type {statement.predicate_type!r}, {wanted}")
    return read(fields)


def _v1(fields: Fields) -> Provenance:
    fields.known("buildDefinition", "runDetails")
    definition = fields.object("buildDefinition")
    definition.known("buildType", "externalParameters", "internalParameters", "resolvedDependencies")
    details = fields.object("runDetails").known("builder", "metadata", "byproducts")
    builder = details.object("builder").known("id", "version", "builderDependencies")
    version = builder.optional_object("version")
    metadata = _optional(details, "metadata")
    invocation_id = _spelled(metadata, _INVOCATION_V1)
    metadata.known(invocation_id, "startedOn", "finishedOn")
    external = _bounded(definition.object("externalParameters"))
    internal = _optional(definition, "internalParameters")
    github = internal.optional_object("github") if isinstance(internal.value.get("github"), dict) else None
    build_type = definition.text("buildType")
    dependencies = _dependencies(definition, "resolvedDependencies", build_type)
    return Provenance(
        predicate_type=PROVENANCE_V1,
        builder_id=builder.text("id"),
        builder_version=dict(version.text_map(most=MAX_COMPONENTS)) if version else {},
        build_type=build_type,
        source=read_source(build_type, external, dependencies),
        external_parameters=external.value,
        internal_parameters=internal.value,
        resolved_dependencies=tuple(each.descriptor for each in dependencies),
        invocation_id=metadata.go_text(invocation_id),
        started_on=metadata.optional_moment("startedOn"),
        finished_on=metadata.optional_moment("finishedOn"),
        trigger=github.go_text("event_name") if github else _trigger(internal),
        runner_environment=github.go_text("runner_environment") if github else None,
    )


def _v0_2(fields: Fields) -> Provenance:
    fields.known("builder", "buildType", "invocation", "buildConfig", "metadata", "materials")
    invocation = _optional(fields, "invocation").known("configSource", "parameters", "environment")
    config = _optional(invocation, "configSource").known("uri", "digest", "entryPoint")
    environment = _optional(invocation, "environment")
    metadata = _optional(fields, "metadata")
    invocation_id = _spelled(metadata, _INVOCATION_V0_2)
    metadata.known(invocation_id, "buildStartedOn", "buildFinishedOn")
    entry_point = config.go_text("entryPoint")
    external: dict[str, JsonValue] = {"parameters": dict(_optional(invocation, "parameters").value)}
    if entry_point is not None:
        external["configSource"] = {"entryPoint": entry_point}
    build_type = fields.text("buildType")
    dependencies = _dependencies(fields, "materials", build_type)
    return Provenance(
        predicate_type=PROVENANCE_V0_2,
        builder_id=fields.object("builder").known("id").text("id"),
        build_type=build_type,
        source=_config_source(config, entry_point, dependencies, build_type),
        external_parameters=_bounded(
            Fields(value=external, code=fields.code, subject=fields.subject, path=invocation.path)
        ).value,
        internal_parameters=environment.value,
        resolved_dependencies=tuple(each.descriptor for each in dependencies),
        invocation_id=metadata.go_text(invocation_id),
        started_on=metadata.optional_moment("buildStartedOn"),
        finished_on=metadata.optional_moment("buildFinishedOn"),
        trigger=_trigger(environment),
    )


def _spelled(fields: Fields, spellings: tuple[str, ...]) -> str:
    """The first of `spellings` that is there. Whoever knows it alone refuses the others beside it."""
    return next((name for name in spellings if name in fields.value), spellings[0])


def _optional(fields: Fields, name: str) -> Fields:
    """A nested object, which is empty where it is absent."""
    found = fields.optional_object(name)
    return found or Fields(value={}, code=fields.code, subject=fields.subject, path=fields.at(name))


def _bounded(parameters: Fields) -> Fields:
    try:
        for _ in leaves(parameters.value):
            pass
    except ValueError as error:
        raise parameters.refusal("", str(error)) from error
    return parameters


def _trigger(environment: Fields) -> str | None:
    return next((found for name in _EVENT if (found := environment.go_text(name)) is not None), None)


def _dependencies(fields: Fields, name: str, build_type: str) -> Dependencies:
    items = fields.objects(name, most=MAX_DEPENDENCIES, required=False)
    return tuple(_dependency(item, build_type) for item in items)


def _dependency(item: Fields, build_type: str) -> Dependency:
    item = _relabelled(item, build_type)
    return Dependency(role=item.go_text("name") or "", descriptor=parse_descriptor(item, "uri"))


def _config_source(
    config: Fields, entry_point: str | None, dependencies: Dependencies, build_type: str
) -> Source | None:
    uri = config.go_text("uri")
    if uri is None:
        return sole_repository(dependencies)
    digest = _relabelled(config, build_type).optional_object("digest")
    own = ResourceDescriptor(name=uri, digests=parse_digest_set(digest) if digest else ())
    return located(uri, None, entry_point, (*dependencies, Dependency(role="", descriptor=own)))


def _relabelled(item: Fields, build_type: str) -> Fields:
    """GitLab Runner calls a commit's SHA-1 "sha256" in materials and dependencies: give it its name."""
    digests = item.value.get("digest")
    if not build_type.startswith("https://gitlab.com/gitlab-org/gitlab-runner/") or not isinstance(digests, dict):
        return item
    value = digests.get("sha256")
    if not isinstance(value, str) or len(value) != _SHA1_DIGITS or "gitCommit" in digests:
        return item
    relabelled = {"gitCommit": value} | {name: each for name, each in digests.items() if name != "sha256"}
    changed = {**item.value, "digest": relabelled}
    return Fields(value=changed, code=item.code, subject=item.subject, path=item.path)
