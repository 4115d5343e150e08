"""What the organisation's rules see of a bundle."""

from dataclasses import replace

from tests.support.inspections import blob, inspect
from tests.support.stories import archive, signed
from verifier.core.digest import Digest
from verifier.core.rego import ModuleAnalysis
from verifier.kinds.bundle.facts import facts


def facts_with(*analyses):
    inspection = inspect(signed(archive("1.2.3")))
    return facts(inspection.artifact, replace(inspection.evidence, analyses=analyses))


def test_the_manifest_and_each_file_with_its_digest():
    seen, bundle = facts_with(), inspect(signed(archive("1.2.3"))).artifact
    assert (seen["revision"], seen["roots"], seen["metadata"]) == ("1.2.3", ["authz"], {})
    listed = {(file["path"], file["size"], file["sha256"]) for file in seen["files"]}
    assert listed == {(file.name, len(file.content), Digest.of(file.content).value) for file in bundle.files}


def test_a_module_that_was_not_analysed_says_so():
    seen = facts_with(
        ModuleAnalysis(path="a.rego", package=("a", "b.c"), builtins=frozenset({"upper", "count"})),
        ModuleAnalysis(path="b.rego", problem="line 3"),
    )
    analysed, unanalysed = seen["modules"]
    assert analysed == {"path": "a.rego", "package": ["a", "b.c"], "builtins": ["count", "upper"], "analysed": True}
    assert unanalysed == {"path": "b.rego", "package": None, "builtins": [], "analysed": False}


def test_what_is_no_bundle_has_none():
    other = blob(inspect())
    assert facts(other.artifact, other.evidence) is None
