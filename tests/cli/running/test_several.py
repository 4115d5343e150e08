"""Several artifacts in one call: one policy, one ledger, one report with a row each, the worst exit status."""

import json
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.publishing.releases import VERIFY, release
from tests.support.stories import MODULE
from verifier.cli.judging.several import MOST_ARTIFACTS

pytestmark = pytest.mark.usefixtures("place")
POLICY = ("--policy", "several.toml")


@pytest.fixture(autouse=True)
def several(place):
    """A policy for three names that are one sequence, and for whatever else is called a bundle."""
    version = 'version = { from = "manifest.revision", scheme = "semver" }'
    rule = f'signatures = {{ threshold = 1, from = ["release"] }}\n{version}'
    own = (place / "trust.toml").read_text().partition("[artifacts")[0]
    Path("several.toml").write_text(
        f'{own}[artifacts."bundle:app-*"]\n{rule}\nscope = "app"\n[artifacts."bundle:*"]\n{rule}\nscope = "each-name"\n'
    )


def rows(*words):
    """The status, and of each artifact its verdict and its name."""
    answer = ask("bundle", *words)
    reports = answer.report.get("reports", [answer.report])
    return answer.status, [(each["verdict"], each["artifact"]["name"]) for each in reports]


def test_each_has_its_row_and_all_passed_is_0():
    one, other = release(out="a.tar.gz"), release("1.1.0", out="b.tar.gz")
    assert rows(one, other, *POLICY) == (0, [("PASSED", "a"), ("PASSED", "b")])
    text = run("bundle", one, other, *POLICY)
    assert (text.status, text.out.partition("\n")[0]) == (0, "PASSED  2 artifacts: 2 passed")


def test_the_worst_is_the_exit_status_and_a_denial_is_worse_than_what_nobody_knows():
    good, bad = release(out="good.tar.gz"), release(key="stranger", out="bad.tar.gz")
    assert run("bundle", good, "missing.tar.gz", *POLICY).status == 3
    assert run("bundle", "missing.tar.gz", good, *POLICY).status == 3
    assert run("bundle", "missing.tar.gz", bad, good, *POLICY).status == 1


def test_one_that_cannot_be_read_denies_itself_and_not_the_others():
    Path("torn.tar.gz").write_bytes(release().read_bytes()[:100])
    Path("empty.tar.gz").write_bytes(b"")
    good = release(out="good.tar.gz")
    status, found = rows("torn.tar.gz", "empty.tar.gz", "missing.tar.gz", good, *POLICY)
    assert (status, [verdict for verdict, _ in found]) == (1, ["FAILED", "FAILED", "FAILED", "PASSED"])


def test_those_of_one_scope_are_judged_in_the_order_in_which_they_were_typed():
    older, newer = release("1.0.0", out="app-1.tar.gz"), release("1.1.0", out="app-2.tar.gz")
    record = (*POLICY, "--record", "--ledger-init")
    assert run("bundle", older, newer, *record).status == 0
    assert rows(newer, older, *record) == (1, [("PASSED", "app-2"), ("FAILED", "app-1")])
    assert "version.rollback" in run("bundle", newer, older, *record).out


def test_each_is_recorded_by_itself_in_order():
    names = ["c", "a", "b"]
    bundles = [release(out=f"{name}.tar.gz") for name in names]
    assert run("bundle", *bundles, *POLICY, "--record", "--ledger-init").status == 0
    run("ledger", "export", "events.jsonl")
    events = [json.loads(line) for line in Path("events.jsonl").read_text().splitlines()]
    assert [each["scope"] for each in events if each.get("kind") == "accepted"] == [f"bundle:{name}" for name in names]


def test_what_is_configured_wrongly_ends_the_run_with_nothing_decided():
    good = release(out="good.tar.gz")
    answer = run("bundle", good, "ftp://files.acme.example/b.tar.gz", *POLICY, "--record", "--ledger-init")
    assert (answer.status, answer.out) == (2, "")
    assert "nothing" in run("ledger", "show").out or run("ledger", "show").out == ""


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--name", "authz"),
        ("--resource-uri", "https://policy.acme.example/a"),
        ("--previous", "old.tar.gz"),
        ("--sbom", "a.cdx.json"),
    ],
)
def test_what_goes_with_one_artifact_is_refused_beside_several(flag, value):
    one, other = release(out="a.tar.gz"), release(out="b.tar.gz")
    answer = run("bundle", one, other, *POLICY, flag, value)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith(f"verify: error: {flag}: goes with one artifact, and 2 are named\n  ")


def test_one_verdict_is_not_written_for_several(place):
    one, other = release(out="a.tar.gz"), release(out="b.tar.gz")
    answer = run("bundle", one, other, *POLICY, "--verdict-out", "v.json", "--signing-key", "ci")
    assert (answer.status, (place / "v.json").exists()) == (2, False)
    assert "--verdict-out: goes with one artifact" in answer.err


def test_an_index_and_named_files_of_a_list_go_with_one(place):
    image = run("image", "oci-layout:a", "oci-layout:b", "--key", "release.pub", "--index", f"x@sha256:{'0' * 64}")
    assert (image.status, "--index: goes with one artifact" in image.err) == (2, True)
    listed = run("artifact", "a", "b", "--key", "release.pub", "--checksums", "--listed", "c")
    assert (listed.status, "--listed: goes with one artifact" in listed.err) == (2, True)


def test_the_same_artifact_twice_is_said_and_judged_once():
    one = release(out="a.tar.gz")
    answer = ask("bundle", one, Path("a.tar.gz").absolute(), "./a.tar.gz", *POLICY, "--record", "--ledger-init")
    assert (answer.status, answer.report["artifact"]["name"]) == (0, "a")
    assert answer.err.count("is named twice (it is a.tar.gz), and judged once") == 2


def test_one_content_under_two_names_is_judged_under_both():
    one = release(out="a.tar.gz")
    Path("b.tar.gz").hardlink_to(one)
    assert rows(one, "b.tar.gz", *POLICY) == (0, [("PASSED", "a"), ("PASSED", "b")])


def test_there_are_only_so_many():
    answer = run("bundle", *(f"{number}.tar.gz" for number in range(MOST_ARTIFACTS + 1)), *POLICY)
    assert (answer.status, answer.out) == (2, "")
    assert f"at most {MOST_ARTIFACTS} are judged in one call" in answer.err


def test_none_at_all_is_a_usage_error():
    answer = run("bundle", *VERIFY)
    assert (answer.status, answer.out) == (2, "")
    assert "REF" in answer.err


def test_one_run_has_one_correlation_id():
    one, other = release(out="a.tar.gz"), release(out="b.tar.gz")
    assert len({each["correlationId"] for each in ask("bundle", one, other, *POLICY).report["reports"]}) == 1


def test_files_and_digests_are_mixed():
    Path("a.bin").write_bytes(MODULE)
    answer = ask("artifact", "a.bin", f"sha256:{'0' * 64}", "--key", "release.pub")
    assert (answer.status, len(answer.report["reports"])) == (1, 2)
