"""The build types that are known: where each states its source, and which of its parameters that explains.

* a build type that is not in `BUILD_TYPES` has no parameter that is recognised
* what its parameters do not state, its dependencies may, where exactly one of them is a Git repository
* a recognised parameter is one whose meaning is judged: source, ref and entry point; never what a caller chooses

`buildType` gives meaning to everything else (https://slsa.dev/spec/v1.2/provenance#buildDefinition), so that the
table is closed: another type of the same shape is another row. docs/provenance.md shows the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from verifier.core.digest import Digest
from verifier.core.value import Value
from verifier.formats.intoto.source_uri import is_git, same_repository, split_ref
from verifier.formats.intoto.statement import ResourceDescriptor, parse_descriptor
from verifier.formats.json.fields import Fields

GITHUB_WORKFLOW: Final = "https://actions.github.io/buildtypes/workflow/v1"
"""GitHub artifact attestations."""


class Source(Value):
    """Where a build came from, as the provenance states it.

    `uri` is the repository without its ref; `digests` are the commits that the provenance resolved it to, of which
    there should be one; `entry_point` is the file or job that the build began with.
    """

    uri: str
    digests: tuple[Digest, ...] = ()
    ref: str | None = None
    entry_point: str | None = None


class Dependency(Value):
    """A resolved dependency; `role` is the name that the build type gives it ("inputs/result"), or ""."""

    role: str
    descriptor: ResourceDescriptor


Dependencies = tuple[Dependency, ...]
ReadSource = Callable[[Fields, Dependencies], Source | None]


class BuildType(Value):
    """What is known of one `buildType`.

    `uri` is exact, but for `*`, which stands for a version. `recognised` are paths of parameters.
    `workflow_entry` says that the entry point is the file which a GitHub certificate names, `builder_is_signer` that
    `builder.id` is the workflow which signs.
    """

    uri: str
    source: ReadSource
    recognised: tuple[str, ...] = ()
    workflow_entry: bool = False
    builder_is_signer: bool = False


def known_build_type(uri: str) -> BuildType | None:
    """The row for `uri`, or None."""
    return next((row for row, pattern in _PATTERNS if pattern.match(uri)), None)


def read_source(uri: str, parameters: Fields, dependencies: Dependencies) -> Source | None:
    """The source that a v1 build of type `uri` states, or None where it states none or several."""
    row = known_build_type(uri)
    return row.source(parameters, dependencies) if row else sole_repository(dependencies)


def sole_repository(dependencies: Dependencies, role: str | None = None) -> Source | None:
    """The one Git repository among the dependencies (in that role); None for several, for which is the source?"""
    found = [each.descriptor for each in dependencies if role in (None, each.role) and is_git(each.descriptor.name)]
    if not found:
        return None
    uri, ref = split_ref(found[0].name)
    others = [split_ref(each.name) for each in found[1:]]
    if not all(same_repository(uri, other) and ref == its_ref for other, its_ref in others):
        return None
    return Source(uri=uri, digests=_united(found), ref=ref)


def located(uri: str, ref: str | None, entry_point: str | None, dependencies: Dependencies) -> Source:
    """A source that the parameters state, with the commits that the dependencies resolve it to."""
    repository, its_ref = split_ref(uri)
    if ref is not None and its_ref not in (None, ref):
        repository = uri  # two refs: a URI that is no repository's, so that no expectation meets it
    resolved = (each.descriptor for each in dependencies)
    same = (each for each in resolved if same_repository(split_ref(each.name)[0], repository))
    return Source(uri=repository, digests=_united(same), ref=ref or its_ref, entry_point=entry_point)


def _united(descriptors: Iterable[ResourceDescriptor]) -> tuple[Digest, ...]:
    return tuple(dict.fromkeys(digest for each in descriptors for digest in each.digests))


def _config(name: str, parameters: Fields, dependencies: Dependencies) -> Source | None:
    """`{"repository", "ref", "path"}` under `name`."""
    config = parameters.optional_object(name)
    if config is None:
        return None
    config.known("repository", "ref", "path")
    path = config.go_text("path")
    return located(config.text("repository"), config.go_text("ref"), path, dependencies)


def _descriptor(name: str, parameters: Fields, dependencies: Dependencies) -> Source | None:
    """A resource descriptor under `name`."""
    stated = parameters.optional_object(name)
    if stated is None:
        return None
    descriptor = parse_descriptor(stated, "uri")
    entry_point = parameters.go_text("configPath")
    return located(stated.text("uri"), None, entry_point, (*dependencies, Dependency(role="", descriptor=descriptor)))


def _uri(name: str, parameters: Fields, dependencies: Dependencies) -> Source | None:
    """A URI under `name`."""
    uri = parameters.optional_text(name)
    return located(uri, None, parameters.go_text("entryPoint"), dependencies) if uri else None


def _context(parameters: Fields, dependencies: Dependencies) -> Source | None:
    """BuildKit's `configSource`, which has no URI where the context was a folder."""
    stated = parameters.optional_object("configSource")
    if stated is None or stated.go_text("uri") is None:
        return sole_repository(dependencies)
    descriptor = parse_descriptor(stated, "uri")
    own = Dependency(role="", descriptor=descriptor)
    return located(stated.text("uri"), None, stated.go_text("path"), (*dependencies, own))


def _dependency(role: str | None, _parameters: Fields, dependencies: Dependencies) -> Source | None:
    return sole_repository(dependencies, role)


_dependencies_only = partial(_dependency, None)
_WORKFLOW = ("workflow.repository", "workflow.ref", "workflow.path")
_GENERATOR = "https://github.com/slsa-framework/slsa-github-generator"
_V0_2 = ("configSource.entryPoint",)

BUILD_TYPES: Final = (
    BuildType(
        uri=GITHUB_WORKFLOW,
        source=partial(_config, "workflow"),
        recognised=_WORKFLOW,
        workflow_entry=True,
        builder_is_signer=True,
    ),
    # npm, and GitHub's first attestations: `builder.id` is the runner, not the workflow.
    BuildType(
        uri="https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        source=partial(_config, "workflow"),
        recognised=_WORKFLOW,
        workflow_entry=True,
    ),
    # `builder.id` is the workflow that delegates, which the signing one has checked.
    BuildType(uri=f"{_GENERATOR}/delegator-generic@v0", source=_dependencies_only),
    BuildType(
        uri="https://slsa.dev/container-based-build/v0.1?draft",
        source=partial(_descriptor, "source"),
        recognised=("source",),
    ),
    *(
        BuildType(
            uri=f"{_GENERATOR}/{kind}@v1",
            source=_dependencies_only,
            recognised=_V0_2,
            workflow_entry=True,
            builder_is_signer=True,
        )
        for kind in ("generic", "go", "container")
    ),
    BuildType(
        uri="https://github.com/npm/cli/gha/v2", source=_dependencies_only, recognised=_V0_2, workflow_entry=True
    ),
    # `builder.id` is the run that built, where there is one. What the frontend is given is the caller's choice.
    BuildType(uri="https://mobyproject.org/buildkit@v1", source=_dependencies_only, recognised=_V0_2),
    BuildType(
        uri="https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
        source=_context,
        recognised=tuple(f"configSource.{name}" for name in ("uri", "digest", "path")),
    ),
    # The entry point is a job's name. `source` is v1's, `configSource` v0.2's.
    BuildType(
        uri="https://gitlab.com/gitlab-org/gitlab-runner/-/blob/*/PROVENANCE.md",
        source=partial(_uri, "source"),
        recognised=("source", "entryPoint", *_V0_2),
    ),
    BuildType(
        uri="https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
        source=partial(_uri, "source"),
        recognised=("source", "entryPoint"),
    ),
    # `runSpec` is the whole run, the caller's choice down to its steps: nothing of it is recognised.
    *(
        BuildType(uri=f"https://tekton.dev/chains/v2/{kind}", source=partial(_dependency, "inputs/result"))
        for kind in ("slsa", "slsa-tekton")
    ),
    # `sourceToBuild` is there only where it is not `buildConfigSource`: not recognised, so that it must be expected.
    BuildType(
        uri="https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
        source=partial(_config, "buildConfigSource"),
        recognised=tuple(f"buildConfigSource.{name}" for name in ("repository", "ref", "path", "pathAutoDetect")),
    ),
    BuildType(
        uri="https://slsa-framework.github.io/gcb-buildtypes/triggered-build/v1",
        source=partial(_config, "configSource"),
        recognised=tuple(f"configSource.{name}" for name in ("repository", "ref", "path")),
    ),
)
"""Every build type that is known."""


def _pattern(uri: str) -> re.Pattern[str]:
    return re.compile(re.escape(uri).replace(r"\*", "[A-Za-z0-9._-]+") + r"\Z", re.ASCII)


_PATTERNS: Final = tuple((row, _pattern(row.uri)) for row in BUILD_TYPES)
