"""Reading SLSA provenance: every shape gives one value, everything else a refusal."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.attestations.provenances import COMMIT, FIXTURES, REPO, TAG, parse, payloads, predicate
from tests.support.material import corpus
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.intoto import provenance as reader
from verifier.formats.intoto.build_types import Source
from verifier.formats.intoto.parameters import MAX_PARAMETERS, MAX_PATH, leaves
from verifier.formats.intoto.provenance import PROVENANCE_V0_2, PROVENANCE_V1, parse_provenance
from verifier.formats.intoto.source_uri import same_repository
from verifier.formats.intoto.statement import Statement, parse_statement

GIT_COMMIT, SHA1 = Digest(algorithm="gitCommit", value=COMMIT), Digest(algorithm="sha1", value=COMMIT)
WORKFLOW = ".github/workflows/release.yml"
GITHUB = Source(uri=REPO, digests=(GIT_COMMIT,), ref=TAG, entry_point=WORKFLOW)
GIT = Source(uri=f"git+{REPO}", digests=(GIT_COMMIT,), ref=TAG)
V0_2 = Source(uri=f"git+{REPO}", digests=(SHA1,), ref=TAG, entry_point=WORKFLOW)
GITLAB = Source(uri="https://gitlab.com/acme/app", digests=(GIT_COMMIT,), entry_point="build")

BUILDKIT = Source(uri=f"{REPO}.git", digests=(SHA1,), ref=TAG, entry_point="Dockerfile")

SOURCES = {
    "buildkit": BUILDKIT,
    "buildkit-v0.2": BUILDKIT,
    "container-based": Source(uri=f"git+{REPO}", digests=(SHA1,), ref=TAG, entry_point="build/config.toml"),
    "github-attestation": GITHUB,
    "github-delegator": GIT,
    "github-generator": V0_2,
    "gitlab": GITLAB,
    "gitlab-v0.2": GITLAB,
    "google-cloud-build": Source(uri=f"git+{REPO}", digests=(GIT_COMMIT,), ref=TAG, entry_point="cloudbuild.yaml"),
    "npm": V0_2,
    "npm-v1": GITHUB,
    "tekton": Source(uri=f"git+{REPO}.git", digests=(SHA1,)),
    "unknown": GIT,
}


SPELLED = {
    "buildkit": ("runDetails.metadata", ("invocationId", "invocationID")),
    "buildkit-v0.2": ("metadata", ("buildInvocationId", "buildInvocationID")),
}
"""Where a build's own id is, and how the specification and in-toto's types for Go spell its name."""


def refused(content, kind=None):
    with pytest.raises(Refused) as caught:
        parse(content, kind)
    return caught.value.reasons[0]


def changed(name, path, value):
    content = predicate(name)
    *parents, last = path.split(".")
    inner = content
    for parent in parents:
        inner = inner[parent]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return content


class TestShapes:
    def test_every_fixture_is_read(self):
        assert sorted(path.stem for path in FIXTURES.glob("*.json")) == sorted(SOURCES)

    @pytest.mark.parametrize("name", SOURCES)
    def test_the_source_is_what_the_shape_states(self, name):
        assert parse(predicate(name)).source == SOURCES[name]

    def test_v1_is_read_whole(self):
        read = parse(predicate("gitlab"))
        assert read.builder_id == "https://gitlab.com/acme/app/-/runners/7"
        assert read.builder_version == {"gitlab-runner": "17.1.0"}
        assert read.invocation_id == "42"
        assert read.started_on == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        assert read.finished_on == datetime(2026, 1, 2, 3, 5, 6, tzinfo=UTC)
        assert read.internal_parameters["executor"] == "docker"
        assert [each.name for each in read.resolved_dependencies] == ["https://gitlab.com/acme/app"]

    def test_v0_2_becomes_v1(self):
        read = parse(predicate("gitlab-v0.2"))
        assert dict(leaves(read.external_parameters)) == {
            "parameters.CI": "",
            "parameters.CI_COMMIT_SHA": "",
            "configSource.entryPoint": "build",
        }
        assert read.internal_parameters["architecture"] == "amd64"

    @pytest.mark.parametrize(
        ("name", "trigger", "runner"),
        [
            ("github-generator", "push", None),
            ("github-delegator", "push", None),
            ("github-attestation", "push", "github-hosted"),
            ("npm", "release", None),
            ("npm-v1", "release", None),
            ("tekton", None, None),
        ],
    )
    def test_trigger_and_runner_are_read_where_github_states_them(self, name, trigger, runner):
        read = parse(predicate(name))
        assert (read.trigger, read.runner_environment) == (trigger, runner)

    def test_a_sha1_that_gitlab_calls_sha256_is_a_commit_for_gitlab_only(self):
        content = changed("gitlab", "buildDefinition.buildType", "https://build.acme.example/types/make/v1")
        assert "64 lower-case hex digits" in refused(content).message

    def test_a_sha256_of_gitlab_stays_one(self):
        content = predicate("gitlab")
        content["buildDefinition"]["resolvedDependencies"][0]["digest"] = {"sha256": "ab" * 32}
        assert parse(content).source.digests == (Digest(algorithm="sha256", value="ab" * 32),)

    @pytest.mark.parametrize("name", SPELLED)
    def test_either_genuine_spelling_of_a_build_s_own_id_is_read(self, name):
        path, spellings = SPELLED[name]
        for spelling in spellings:
            assert parse(changed(name, path, {spelling: "42"})).invocation_id == "42"

    @pytest.mark.parametrize("name", SPELLED)
    def test_both_spellings_at_once_are_refused_also_where_they_agree(self, name):
        path, (one, other) = SPELLED[name]
        for both in ({one: "42", other: "42"}, {other: "42", one: None}, {one: "", other: "42"}):
            assert refused(changed(name, path, both)).code == "json.case-variant-key"

    @pytest.mark.parametrize("name", SPELLED)
    @pytest.mark.parametrize("change", [str.upper, str.lower, str.title, lambda text: text[:-2] + "iD"])
    def test_no_third_spelling_is_read(self, name, change):
        path, spellings = SPELLED[name]
        assert refused(changed(name, path, {change(spellings[0]): "42"})).code == "json.case-variant-key"

    @pytest.mark.parametrize("name", SPELLED)
    def test_neither_spelling_stands_for_anything_else(self, name):
        path, (_, other) = SPELLED[name]
        assert refused(changed(name, path, {other: 42})).code == "provenance.malformed"
        times = {"startedOn": "2026-01-02T03:04:05Z", "buildStartedOn": "2026-01-02T03:04:05Z"}
        read = changed(name, path, {other: "42", **{each.replace("On", "ON"): time for each, time in times.items()}})
        assert refused(read).code == "json.case-variant-key"

    def test_unknown_fields_are_ignored(self):
        content = predicate("npm-v1") | {"https://acme.example/extra": 1}
        assert parse(content) == parse(predicate("npm-v1"))

    def test_null_optional_fields_are_absent(self):
        content = changed("npm-v1", "runDetails.metadata", None)
        content["buildDefinition"]["internalParameters"] = None
        assert parse(content).invocation_id is None


class TestSource:
    def test_two_repositories_leave_an_unknown_build_type_without_a_source(self):
        content = predicate("unknown")
        content["buildDefinition"]["resolvedDependencies"].append({"uri": f"git+https://github.com/acme/lib@{TAG}"})
        assert parse(content).source is None

    def test_two_refs_of_one_repository_leave_an_unknown_build_type_without_a_source(self):
        content = predicate("unknown")
        content["buildDefinition"]["resolvedDependencies"].append({"uri": f"git+{REPO}@refs/heads/main"})
        assert parse(content).source is None

    def test_no_repository_leaves_an_unknown_build_type_without_a_source(self):
        assert parse(changed("unknown", "buildDefinition.resolvedDependencies", [{"uri": "pkg:deb/x"}])).source is None

    def test_a_known_build_type_without_its_parameter_has_no_source(self):
        assert parse(changed("github-attestation", "buildDefinition.externalParameters", {})).source is None

    def test_every_commit_of_the_source_is_kept_so_that_a_second_one_is_seen(self):
        content = predicate("github-attestation")
        content["buildDefinition"]["resolvedDependencies"].append(
            {"uri": f"git+{REPO}", "digest": {"gitCommit": "f" * 40}}
        )
        assert parse(content).source.digests == (GIT_COMMIT, Digest(algorithm="gitCommit", value="f" * 40))

    def test_a_repository_with_a_second_ref_is_no_repository(self):
        content = predicate("github-attestation")
        content["buildDefinition"]["externalParameters"]["workflow"]["repository"] = f"{REPO}@refs/heads/main"
        assert not same_repository(parse(content).source.uri, REPO)

    def test_v0_2_without_a_config_source_takes_the_sole_material(self):
        assert parse(changed("npm", "invocation.configSource", {})).source == Source(
            uri=f"git+{REPO}", digests=(SHA1,), ref=TAG
        )


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "path"),
        [
            ("npm-v1", "buildDefinition"),
            ("npm-v1", "buildDefinition.buildType"),
            ("npm-v1", "buildDefinition.externalParameters"),
            ("npm-v1", "runDetails"),
            ("npm-v1", "runDetails.builder"),
            ("npm-v1", "runDetails.builder.id"),
            ("npm", "builder"),
            ("npm", "builder.id"),
            ("npm", "buildType"),
        ],
    )
    def test_a_required_field_that_is_missing_is_refused(self, name, path):
        kind = PROVENANCE_V1 if name == "npm-v1" else PROVENANCE_V0_2
        reason = refused(changed(name, path, ...), kind)
        assert reason.code == "provenance.malformed"
        assert f"predicate.{path} is missing" in reason.message

    @pytest.mark.parametrize(
        ("name", "path", "value"),
        [
            ("npm-v1", "buildDefinition.externalParameters", []),
            ("npm-v1", "buildDefinition.externalParameters.workflow", "main"),
            ("npm-v1", "buildDefinition.externalParameters.workflow.ref", 1),
            ("npm-v1", "buildDefinition.internalParameters", "x"),
            ("npm-v1", "buildDefinition.resolvedDependencies", {}),
            ("npm-v1", "buildDefinition.resolvedDependencies", [1]),
            ("npm-v1", "runDetails.builder.id", ""),
            ("npm-v1", "runDetails.builder.version", "1"),
            ("npm-v1", "runDetails.metadata.startedOn", "yesterday"),
            ("npm", "invocation.parameters", []),
            ("npm", "invocation.configSource.digest", {"sha1": 1}),
            ("npm", "invocation.environment.GITHUB_EVENT_NAME", 1),
            ("npm", "materials", [{"digest": []}]),
            ("gitlab", "buildDefinition.externalParameters.source", {}),
        ],
    )
    def test_a_field_of_the_wrong_type_is_refused(self, name, path, value):
        assert refused(changed(name, path, value)).code == "provenance.malformed"

    @pytest.mark.parametrize("kind", ["https://slsa.dev/provenance/v0.1", "https://slsa.dev/provenance/v1.0?draft"])
    def test_another_predicate_type_is_refused(self, kind):
        reason = refused(predicate("npm-v1"), kind)
        assert reason.code == "provenance.malformed"
        assert kind.partition("?")[0] in reason.message  # no more of a URL is ever shown

    def test_a_case_variant_of_a_known_field_is_refused(self):
        content = predicate("npm-v1")
        content["runDetails"]["builder"]["ID"] = "https://evil.example"
        assert refused(content).code == "json.case-variant-key"

    def test_too_many_dependencies_are_refused(self, monkeypatch):
        monkeypatch.setattr(reader, "MAX_DEPENDENCIES", 1)
        assert "expected at most 1" in refused(predicate("unknown")).message

    def test_too_many_parameters_are_refused(self):
        content = changed(
            "unknown", "buildDefinition.externalParameters", {str(n): n for n in range(MAX_PARAMETERS + 1)}
        )
        assert f"more than {MAX_PARAMETERS} parameters" in refused(content).message

    def test_a_parameter_with_an_endless_path_is_refused(self):
        content = changed("unknown", "buildDefinition.externalParameters", {"x" * (MAX_PATH + 1): 1})
        assert f"expected at most {MAX_PATH}" in refused(content).message

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "uri", "digest", "workflow", "x"]), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        st.sampled_from(
            [
                "buildDefinition",
                "buildDefinition.externalParameters",
                "buildDefinition.externalParameters.workflow",
                "buildDefinition.internalParameters",
                "buildDefinition.resolvedDependencies",
                "runDetails",
                "runDetails.builder",
                "runDetails.metadata",
            ]
        ),
    )
    def test_any_value_anywhere_is_read_or_refused(self, value, path):
        content = changed("npm-v1", path, value)
        try:
            found = parse_provenance(Statement(subjects=(), predicate_type=PROVENANCE_V1, predicate=content)).builder_id
        except Refused as refusal:
            found = refusal.reasons[0].code
        stated = content["runDetails"]
        builder = stated.get("builder") if isinstance(stated, dict) else None
        # Not a set: what was put there need not be hashable.
        assert found in (
            "provenance.malformed",
            "json.case-variant-key",
            builder.get("id") if isinstance(builder, dict) else None,
        )


def shape(value, path=""):
    """The paths of everything that a predicate states, parameters of a caller's choosing apart."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from shape(each, f"{path}.{name}")
    elif isinstance(value, list):
        for each in value:
            yield from shape(each, f"{path}[]")
    yield path


@pytest.mark.corpus
class TestCorpus:
    @pytest.mark.parametrize(
        ("name", "genuine"),
        [
            ("github-generator", "field/slsa-generic-generator-v2.1.0/p.intoto.jsonl"),
            ("npm", "provenance/npm/supreme-googles-cli-v02-tag.tgz.json"),
        ],
    )
    def test_what_was_written_by_hand_has_the_names_that_the_tool_writes(self, name, genuine):
        folder, _, path = genuine.partition("/")
        kinds = [parse_statement(each, subject=name) for each in payloads(corpus(folder) / path)]
        (written,) = [each.predicate for each in kinds if each.predicate_type == PROVENANCE_V0_2]
        assert set(shape(predicate(name))) <= set(shape(written))

    def test_every_real_provenance_is_read_with_its_source(self):
        found = {}
        for path in sorted(corpus("provenance").rglob("*")):
            if path.name.endswith((".jsonl", ".slsa", ".tgz.json")):
                for payload in payloads(path):
                    each = parse_statement(payload, subject=path.name)
                    if each.predicate_type.startswith("https://slsa.dev/provenance/"):
                        source = parse_provenance(each).source
                        found[path.name] = (source.uri.removeprefix("git+"), source.ref)
        package, goggles = "https://github.com/slsa-framework/example-package", "refs/tags/v1.0.5"
        lint = ("https://github.com/aspect-build/rules_lint", "refs/heads/publish-to-bcr")
        npm = ("https://github.com/trishankatdatadog/supreme-goggles", goggles)
        assert found == {
            "MODULE.bazel.intoto.jsonl": lint,
            "MODULE-wrong-signer.bazel.intoto.jsonl": lint,
            "binary-linux-amd64-push-v13.0.30.build.slsa": (package, "refs/tags/v13.0.30"),
            "binary-linux-amd64-push-v14.2.build.slsa": (package, "refs/tags/v14.2"),
            "binary-linux-amd64-push-v14.build.slsa": (package, "refs/tags/v14"),
            "binary-linux-amd64-workflow_dispatch.build.slsa": (package, "refs/heads/main"),
            "supreme-googles-cli-v02-tag.tgz.json": npm,
            "supreme-googles-cli-v02-tag-invalidsigprov.tgz.json": npm,
            "supreme-googles-cli-v02-tag-invalidsigpub.tgz.json": npm,
        }
