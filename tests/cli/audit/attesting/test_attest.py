"""`verify audit --attest`: what an audit has come to is signed about what was audited, and a rule takes that."""

import base64
import json
from pathlib import Path

import pytest

from tests.support.audit.scene import NOW, database, osv, requirements
from tests.support.command import run
from tests.support.material import private_pem, public_pem
from verifier.audit.database.opening import Database
from verifier.core.digest import Digest
from verifier.core.uris import VULNERABILITY_SCAN

JINJA = osv("PYSEC-2019-217", "jinja2", fixed="2.10.1")
POLICY = """version = 1
id = "urn:example:policy"
signers.release.key = "release.pub"
signers.scanner.key = "scanner.pub"

[artifacts."artifact:*"]
signatures = { from = ["release"] }
version = "none"
vulnerabilities = { max_severity = "high", from = ["scanner"] }
"""


@pytest.fixture(autouse=True)
def keys(place):
    for name, key in (("release", "p256"), ("scanner", "ed25519")):
        Path(f"{name}.pem").write_bytes(private_pem(key))
        Path(f"{name}.pem").chmod(0o600)
        Path(f"{name}.pub").write_bytes(public_pem(key))
    Path("trust.toml").write_text(POLICY)


def attested(*targets, options=()):
    """The answer of an audit that is to be signed, and the statement, None where there is none."""
    signing = ("--attest", "scan.json", "--signing-key", "scanner.pem")
    answer = run("audit", *targets, "--db", "records.db", "--now", NOW, *signing, *options)
    if not Path("scan.json").exists():
        return answer, None
    return answer, json.loads(base64.b64decode(json.loads(Path("scan.json").read_text())["payload"]))


def gated(file, *options):
    """The answer of the rule that asks about vulnerabilities, to a file that is released."""
    signed = run("sign", "artifact", file, "--key", "release.pem", "--out", "release.json", "--now", NOW)
    assert signed.status == 0, signed.err
    evidence = ("--attestation", "release.json", "--policy", "trust.toml", "--now", NOW)
    return run("artifact", file, *evidence, *options, "--format", "json")


def codes(answer):
    return [each["code"] for each in json.loads(answer.out)["reasons"] if each["severity"] == "error"]


def test_a_clean_audit_is_signed_about_the_files_that_were_read():
    database(JINJA)
    requirements("-r more.txt", "jinja2==2.11")
    requirements("flask==3.0.0", path="more.txt")
    answer, statement = attested("requirements.txt")
    assert answer.status == 0, answer.err
    assert statement["predicateType"] == VULNERABILITY_SCAN
    subjects = {each["name"]: each["digest"]["sha256"] for each in statement["subject"]}
    assert subjects == {name: Digest.of(Path(name).read_bytes()).value for name in ("requirements.txt", "more.txt")}
    assert statement["predicate"]["scanner"]["result"] == []


def test_what_is_found_is_signed_too_and_the_status_is_the_audits():
    database(JINJA)
    answer, statement = attested(requirements("jinja2==2.10"))
    assert answer.status == 1
    (item,) = statement["predicate"]["scanner"]["result"]
    assert item["annotations"][0]["package"] == "pkg:pypi/jinja2@2.10"


def test_what_came_to_nothing_is_not_signed_and_says_so():
    database(JINJA)
    answer, statement = attested(requirements("jinja2"))
    assert (answer.status, statement) == (3, None)
    assert "vulnerability.not-attested" in answer.err


def test_an_older_attestation_does_not_stand_for_an_audit_that_came_to_nothing():
    database(JINJA)
    attested(requirements("jinja2==2.11"))
    before = Path("scan.json").read_bytes()
    answer, _ = attested(requirements("jinja2"))
    assert (answer.status, Path("scan.json").read_bytes()) == (3, before)
    assert "nothing was written to scan.json" in answer.err


def test_the_subject_is_what_was_read_and_not_what_lies_there_later(monkeypatch):
    database(JINJA)
    content = Path(requirements("jinja2==2.11")).read_bytes()
    ask = Database.ask

    def meanwhile(self, *asked):
        Path("requirements.txt").write_text("jinja2==2.10\n")
        return ask(self, *asked)

    monkeypatch.setattr(Database, "ask", meanwhile)
    answer, statement = attested("requirements.txt")
    assert answer.status == 0, answer.err
    assert Path("requirements.txt").read_bytes() != content
    (subject,) = statement["subject"]
    assert subject["digest"]["sha256"] == Digest.of(content).value


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--attest", "scan.json", "--db", "records.db"), "--attest: goes with --signing-key or --keyless"),
        (("--signing-key", "scanner.pem", "--db", "records.db"), "--attest"),
        (
            ("--attest", "requirements.txt", "--signing-key", "scanner.pem", "--db", "records.db"),
            "--attest: ",
        ),
        (("--attest", "records.db", "--signing-key", "scanner.pem", "--db", "records.db"), "--attest: "),
        (("--attest", "scan.json", "--signing-key", "gone.pem", "--db", "records.db"), "--signing-key"),
        (("--attest", "scan.json", "--signing-key", "scanner.pem", "--service", "osv"), "--attest: goes with --db"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_audited(options, said):
    database(JINJA)
    before = Path(requirements("jinja2==2.10")).read_bytes()
    answer = run("audit", "requirements.txt", "--now", NOW, *options)
    assert answer.status == 2
    assert said in answer.err
    assert Path("requirements.txt").read_bytes() == before
    assert not Path("scan.json").exists()


def test_what_is_installed_in_a_folder_has_no_digest_to_sign():
    database(JINJA)
    installed = Path("site-packages/jinja2-2.11.dist-info")
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: jinja2\nVersion: 2.11\n")
    answer, statement = attested("--environment", "site-packages")
    assert (answer.status, statement) == (2, None)
    assert "has no digest that a scan could be about" in answer.err


class TestAsked:
    def test_a_rule_takes_it_for_an_answer(self):
        database(JINJA)
        attested(requirements("jinja2==2.11"))
        answer = gated("requirements.txt", "--attestation", "scan.json")
        assert (answer.status, codes(answer)) == (0, []), answer.out

    def test_one_of_another_file_is_none(self):
        database(JINJA)
        attested(requirements("jinja2==2.11"))
        requirements("jinja2==2.10")
        answer = gated("requirements.txt", "--attestation", "scan.json")
        assert (answer.status, codes(answer)) == (3, ["vulnerability.not-audited"]), answer.out

    def test_what_it_has_found_denies(self):
        database(JINJA)
        attested(requirements("jinja2==2.10"))
        answer = gated("requirements.txt", "--attestation", "scan.json")
        assert (answer.status, codes(answer)) == (1, ["vulnerability.known"])

    def test_without_it_nobody_knows(self):
        requirements("jinja2==2.11")
        answer = gated("requirements.txt")
        assert (answer.status, codes(answer)) == (3, ["vulnerability.not-audited"])

    def test_a_database_that_is_not_there_denies_beside_it(self):
        database(JINJA)
        attested(requirements("jinja2==2.11"))
        options = ("--attestation", "scan.json", "--advisories", "gone.db")
        answer = gated("requirements.txt", *options)
        assert answer.status == 3
        assert "vulnerability.database-invalid" in codes(answer)

    def test_records_that_no_rule_asks_for_are_wrong_usage(self):
        database(JINJA)
        Path("trust.toml").write_text(POLICY.partition("vulnerabilities")[0])
        requirements("jinja2==2.11")
        answer = gated("requirements.txt", "--advisories", "records.db")
        assert answer.status == 2
        assert "no rule of the policy asks about known vulnerabilities" in answer.err

    def test_without_a_policy_file_records_ask_that_nothing_is_known(self):
        database(JINJA)
        requirements("jinja2==2.11")
        signed = run(
            "sign", "artifact", "requirements.txt", "--key", "release.pem", "--out", "release.json", "--now", NOW
        )
        assert signed.status == 0, signed.err
        evidence = ("--attestation", "release.json", "--key", "release.pub", "--now", NOW)
        answer = run("artifact", "requirements.txt", *evidence, "--advisories", "records.db", "--format", "json")
        assert (answer.status, codes(answer)) == (3, ["vulnerability.not-audited"])
