"""Provenance as in-toto's types for Go write it, which slsa-github-generator, BuildKit and Tekton Chains use."""

import json

import pytest

from tests.support.attestations.provenances import parse, predicate
from tests.support.peers.peers import executable, run
from verifier.formats.intoto.provenance import PROVENANCE_V0_2, PROVENANCE_V1

pytestmark = pytest.mark.interop

PROGRAM = """
package main

import (
	"encoding/json"
	"os"

	v02 "github.com/in-toto/in-toto-golang/in_toto/slsa_provenance/v0.2"
	v1 "github.com/in-toto/in-toto-golang/in_toto/slsa_provenance/v1"
)

// Decodes a predicate as these types do, and writes it as they do.
func main() {
	var older v02.ProvenancePredicate
	var newer v1.ProvenancePredicate
	var predicate any = &older
	if os.Args[1] == "v1" {
		predicate = &newer
	}
	if err := json.NewDecoder(os.Stdin).Decode(predicate); err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(predicate); err != nil {
		panic(err)
	}
}
"""
VERSIONS = ("v0.9.0", "v0.11.0")
"""Before v0.10 the type of v1 wrote `invocationID`."""


@pytest.fixture(scope="module", params=VERSIONS)
def rewritten(request, tmp_path_factory):
    """A predicate as the types of one release write it."""
    folder = tmp_path_factory.mktemp("types")
    (folder / "main.go").write_text(PROGRAM)
    needed = f"github.com/in-toto/in-toto-golang {request.param}"
    (folder / "go.mod").write_text(f"module provenance\n\ngo 1.21\n\nrequire {needed}\n")
    go = executable("go", "GO")
    run(go, "build", "-mod=mod", "-o", "rewrite", ".", cwd=folder)

    def rewrite(name):
        content = predicate(name)
        version = "v1" if "buildDefinition" in content else "v02"
        said = run("sh", "-c", f"./rewrite {version} < given.json", cwd=given(folder, content))
        return json.loads(said)

    return rewrite


def given(folder, content):
    (folder / "given.json").write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize("name", ["github-generator", "buildkit-v0.2", "gitlab-v0.2", "npm"])
def test_what_the_types_write_of_v0_2_is_read_as_what_they_were_given(rewritten, name):
    written = rewritten(name)
    ours, theirs = parse(predicate(name)), parse(written, PROVENANCE_V0_2)
    assert "buildInvocationId" not in written.get("metadata", {})
    assert (theirs.invocation_id, theirs.source, theirs.builder_id) == (
        ours.invocation_id,
        ours.source,
        ours.builder_id,
    )
    assert (theirs.started_on, theirs.finished_on) == (ours.started_on, ours.finished_on)
    assert theirs.resolved_dependencies == ours.resolved_dependencies


@pytest.mark.parametrize("name", ["buildkit", "github-attestation", "npm-v1", "tekton", "unknown"])
def test_what_the_types_write_of_v1_is_read_as_what_they_were_given(rewritten, name):
    theirs, ours = parse(rewritten(name), PROVENANCE_V1), parse(predicate(name))
    assert (theirs.invocation_id, theirs.source, theirs.builder_id) == (
        ours.invocation_id,
        ours.source,
        ours.builder_id,
    )
    assert (theirs.started_on, theirs.finished_on) == (ours.started_on, ours.finished_on)
    assert theirs.external_parameters == ours.external_parameters


def test_the_fixture_of_the_generator_has_the_names_that_the_types_write(rewritten):
    names = {"buildInvocationID", "completeness", "reproducible"}
    assert set(rewritten("github-generator")["metadata"]) == set(predicate("github-generator")["metadata"]) == names
