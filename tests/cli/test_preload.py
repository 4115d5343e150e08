"""`verify preload`: decided by a verdict; the verified bytes are written whole, or nothing is touched."""

import fcntl
import stat
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.publishing.releases import release
from verifier.files.lock import turn_to_write

URI = "https://example.org/authz"
LATER = ("--now", "2100-01-01T00:00:00Z")


def emitted(revision="1.0.0"):
    """A release, and CI's verdict about it, which is recorded nowhere."""
    bundle = release(revision, out=f"authz-{revision}.tar.gz")
    options = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", URI)
    assert run("bundle", bundle, *options, "--verdict-out", f"{revision}.json", "--signing-key", "ci").status == 0
    return bundle


def preload(bundle, *options, verdict=None, by=ask):
    document = verdict or f"{bundle.name.removeprefix('authz-').removesuffix('.tar.gz')}.json"
    common = ("--policy", "trust.toml", "--name", "authz", "--resource-uri", URI)
    return by("preload", bundle, "--verdict", document, *common, *options)


@pytest.fixture
def bundle(place):
    run("ledger", "init")
    return emitted()


def left_behind(place):
    """What stands in the output folder, but for the lock."""
    return sorted(path.name for path in (place / "loaded").iterdir() if not path.name.endswith(".lock"))


@pytest.fixture
def out(place):
    (place / "loaded").mkdir()
    return place / "loaded" / "authz.tar.gz"


class TestAnAcceptance:
    def test_it_is_0_recorded_and_written_for_its_loader_alone(self, bundle, place, out):
        answer = preload(bundle, "--out", out)
        assert (answer.status, answer.report["verdict"], answer.err) == (0, "PASSED", "")
        assert answer.report["ledger"]["after"] == "0:1.0.0"
        assert out.read_bytes() == bundle.read_bytes()
        assert stat.S_IMODE(out.stat().st_mode) == 0o400
        assert left_behind(place) == ["authz.tar.gz"]

    def test_what_was_written_before_is_replaced(self, bundle, out):
        assert preload(bundle, "--out", out).status == 0
        newer = emitted("1.1.0")
        assert preload(newer, "--out", out).status == 0
        assert out.read_bytes() == newer.read_bytes()

    def test_without_out_it_is_decided_and_recorded(self, bundle):
        answer = preload(bundle)
        assert (answer.status, answer.report["ledger"]["after"]) == (0, "0:1.0.0")

    def test_without_recording_the_ledger_stays_as_it_is(self, bundle):
        answer = preload(bundle, "--no-record")
        assert answer.status == 0
        assert [reason["code"] for reason in answer.report["reasons"]] == ["version.first-use", "ledger.not-recorded"]
        assert answer.report["ledger"]["after"] is None

    def test_the_report_is_a_text_for_people(self, bundle):
        answer = preload(bundle, by=run)
        assert answer.out.startswith("PASSED  bundle:authz 1.0.0\n")

    def test_a_verdict_that_is_missing_can_be_replaced_by_a_verification(self, bundle, out):
        answer = preload(bundle, "--fallback", "full", "--out", out, verdict="missing.json")
        assert (answer.status, out.read_bytes()) == (0, bundle.read_bytes())
        told = {reason["code"] for reason in answer.report["reasons"]}
        assert told == {"name.unbound", "input.unreadable", "version.first-use"}


class TestADenial:
    def test_a_replayed_older_bundle_is_1_and_what_is_loaded_stays(self, bundle, place, out):
        newer = emitted("1.1.0")
        assert preload(newer, "--out", out).status == 0
        answer = preload(bundle, "--out", out)
        assert (answer.status, answer.codes) == (1, ["version.rollback"])
        assert out.read_bytes() == newer.read_bytes()
        assert left_behind(place) == ["authz.tar.gz"]

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            (LATER, "verdict.expired"),
            (("--level", "SLSA_BUILD_LEVEL_1"), "verdict.level-missing"),
            (("--level", "POLICY_VERIFIER_SIGNED", "--level=NONE"), "verdict.level-missing"),
        ],
    )
    def test_each_demand_that_is_not_met_is_1_and_writes_nothing(self, bundle, place, out, options, code):
        answer = preload(bundle, *options, "--out", out)
        assert (answer.status, answer.codes) == (1, [code])
        assert left_behind(place) == []

    def test_a_missing_verdict_is_3(self, bundle, place, out):
        answer = preload(bundle, "--out", out, verdict="missing.json")
        assert (answer.status, answer.codes, left_behind(place)) == (3, ["input.unreadable"], [])

    @pytest.mark.parametrize("options", [(), ("--no-record",), ("--ledger", "sqlite:other.db")])
    def test_a_missing_ledger_is_3_and_is_not_made(self, bundle, place, out, options):
        (place / "ledger.db").rename(place / "lost.db")
        answer = preload(bundle, *options, "--out", out)
        assert (answer.status, answer.codes, left_behind(place)) == (3, ["ledger.unavailable"], [])
        assert not (place / "ledger.db").exists()

    def test_a_rule_that_changed_wants_a_new_verdict(self, bundle):
        policy = Path("trust.toml")
        policy.write_text(policy.read_text().replace("signatures = {", "signatures = { scope = 'authz',"))
        assert preload(bundle).codes == ["verdict.policy-unknown"]

    def test_a_key_that_was_exchanged_under_the_same_policy_wants_a_new_verdict(self, bundle):
        Path("release.pub").write_bytes(Path("ci.pub").read_bytes())
        assert preload(bundle).codes == ["verdict.policy-unknown"]

    def test_what_else_the_policy_says_wants_none(self, bundle):
        policy = Path("trust.toml")
        other = "\n[artifacts.'bundle:billing']\nsignatures = { from = ['release'] }\nversion = 'none'\n"
        policy.write_text("# for everybody\n" + policy.read_text() + other)
        assert preload(bundle).status == 0


class TestACache:
    GRACE = 'version = { from = "manifest.revision", scheme = "semver" }\noffline_grace = "15m"\n'

    @pytest.fixture
    def lenient(self, place):
        """A release under a policy that lets a loader go on without its ledger for a while."""
        policy = (place / "trust.toml").read_text()
        (place / "trust.toml").write_text(policy.replace(self.GRACE.partition("offline")[0], self.GRACE))
        run("ledger", "init")
        return emitted()

    def test_what_was_found_is_found_there_by_the_next_run(self, bundle, place, out):
        for first in (["version.first-use"], []):
            answer = preload(bundle, "--out", out, "--cache", "cache")
            told = [reason["code"] for reason in answer.report["reasons"]]
            assert (answer.status, told, out.read_bytes()) == (0, first, bundle.read_bytes())
        assert len(list((place / "cache" / "findings").iterdir())) == 1

    def test_within_the_grace_a_ledger_that_is_gone_is_a_warning(self, lenient, place, out):
        assert preload(lenient, "--cache", "cache").status == 0
        (place / "ledger.db").rename(place / "elsewhere.db")
        answer = preload(lenient, "--cache", "cache", "--out", out)
        assert answer.status == 0
        assert [reason["code"] for reason in answer.report["reasons"]] == ["ledger.offline-grace", "ledger.unavailable"]
        assert (out.read_bytes(), answer.report["ledger"]) == (lenient.read_bytes(), None)
        assert preload(lenient).codes == ["ledger.unavailable"]

    def test_a_corrupt_entry_is_a_warning_where_the_bundle_is_at_hand(self, bundle, place):
        preload(bundle, "--cache", "cache")
        (proof,) = (place / "cache" / "findings").iterdir()
        proof.chmod(0o600)
        proof.write_bytes(b"{}")
        answer = preload(bundle, "--cache", "cache")
        assert (answer.status, [reason["code"] for reason in answer.report["reasons"]]) == (0, ["cache.corrupt"])

    @pytest.mark.parametrize("where", ["trust.toml", "nowhere/cache", "open"])
    def test_a_folder_that_cannot_be_one_is_2(self, bundle, place, where):
        (place / "open").mkdir()
        (place / "open").chmod(0o755)
        answer = preload(bundle, "--cache", where, by=run)
        assert (answer.status, answer.out) == (2, "")
        assert where in answer.err


class TestWhereItIsWritten:
    @pytest.mark.parametrize("where", ["nowhere/authz.tar.gz", "loaded", "trust.toml/authz.tar.gz", "a" * 300])
    @pytest.mark.usefixtures("out")
    def test_a_place_that_cannot_be_written_is_2_and_nothing_is_recorded(self, bundle, where):
        answer = preload(bundle, "--out", where)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("verify: error: ")
        assert where in answer.err
        assert run("ledger", "show", "--format", "json").out.count("1.0.0") == 0

    def test_one_run_at_a_time_decides_and_writes(self, out):
        """Else an older artifact, accepted first, could be written last."""
        with turn_to_write(out), (out.parent / ".authz.tar.gz.lock").open() as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with (out.parent / ".authz.tar.gz.lock").open() as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def test_a_lock_that_leads_elsewhere_is_not_followed(self, bundle, place, out):
        (out.parent / ".authz.tar.gz.lock").symlink_to(place / "elsewhere")
        assert preload(bundle, "--out", out).status == 2
        assert not (place / "elsewhere").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("a.tar.gz",),
        ("a.tar.gz", "--verdict", "v.json"),
        ("a.tar.gz", "--verdict", "v.json", "--policy"),
        ("a.tar.gz", "b.tar.gz", "--verdict", "v.json", "--policy", "trust.toml"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml", "--nonsense"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml", "--fallback", "allow"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml", "--format", "xml"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "missing.toml"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml", "--now", "yesterday"),
        ("a.tar.gz", "--verdict", "v.json", "--policy", "trust.toml", "--ledger", "http://example.org"),
    ],
)
@pytest.mark.usefixtures("place")
def test_wrong_usage_is_2(arguments):
    answer = run("preload", *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: ")


@pytest.mark.parametrize("fallback", [(), ("--fallback", "deny")])
def test_attestations_that_nobody_would_look_at_are_refused(bundle, fallback):
    answer = preload(bundle, "--attestation", "beside.json", *fallback)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("verify: error: --attestation: goes with --fallback full")
