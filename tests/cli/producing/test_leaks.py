"""What is signed is looked at: in every command that packs or signs, aloud and with a way out."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.core.secrets_made import credentials, private_keys, written_otherwise
from tests.support.material import private_pem
from tests.support.peers.privileges import NOT_AS_ROOT
from verifier.archives.pack import pack_directory
from verifier.core.limits import DEFAULT_LIMITS

pytestmark = pytest.mark.usefixtures("place")
KEY = private_pem("ed25519")
TOKEN = b"ghp_" + b"aB3dE5gH7j" * 4
SIGN = ("sign", "bundle", "src", "--key", "release", "--out", "a.tar.gz")


def put(path, content=b"x"):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_bytes(content)


def refused(answer, *codes):
    assert (answer.status, answer.out) in {(1, ""), (3, "")}
    assert [line.split(": ")[1] for line in answer.err.splitlines() if line.startswith("verify: ")] == list(codes)
    assert not Path("a.tar.gz").exists()
    assert not Path("a.json").exists()


def test_the_signing_key_itself_is_not_packed():
    put("src/release", Path("release").read_bytes())
    Path("src/release").chmod(0o600)
    refused(run("sign", "bundle", "src", "--key", "src/release", "--out", "a.tar.gz"), "leak.private-key")


def test_nor_is_the_passphrase():
    put("src/words.txt", b"correct horse battery\n")
    Path("src/words.txt").chmod(0o600)
    run("key", "generate", "locked", "--passphrase-file", "src/words.txt")
    answer = run("sign", "bundle", "src", "--key", "locked", "--passphrase-file", "src/words.txt", "--out", "a.tar.gz")
    refused(answer, "leak.private-key")
    assert "--passphrase-file" in answer.err


@pytest.mark.parametrize("name", private_keys())
def test_no_form_of_private_key_is_signed(name):
    put("src/authz/notes", private_keys()[name])
    refused(run(*SIGN), "leak.private-key")


@pytest.mark.parametrize("name", written_otherwise())
def test_nor_in_whatever_way_it_is_written(name):
    put("src/authz/notes", written_otherwise()[name])
    refused(run(*SIGN), "leak.private-key")


@pytest.mark.parametrize("name", credentials())
def test_no_credentials_are_signed(name):
    put("src/authz/notes", credentials()[name])
    refused(run(*SIGN), "leak.credentials")


def test_a_key_in_the_data_of_a_bundle_is_not_signed():
    put("src/authz/data.json", json.dumps({"tls": {"key": KEY.decode()}}).encode())
    refused(run(*SIGN), "leak.private-key")


def test_nor_in_a_module():
    put("src/authz/more.rego", b"package authz\n\nkey := `" + KEY + b"`\n")
    refused(run(*SIGN), "leak.private-key")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (".git/config", "leak.version-control"),
        (".git", "leak.version-control"),
        ("authz/.GIT/config", "leak.version-control"),
        (".hg/hgrc", "leak.version-control"),
        (".env", "leak.environment"),
        ("authz/.Env.local", "leak.environment"),
        (".npmrc", "leak.credentials"),
        (".aws/credentials", "leak.credentials"),
        ("x/y/z/terraform.tfstate", "leak.credentials"),
        ("id_rsa", "leak.private-key"),
        (".vscode/settings.json", "leak.editor"),
        ("authz/policy.rego~", "leak.editor"),
        (".regal/config.yaml", "leak.hidden"),
    ],
)
def test_what_its_name_gives_away_is_not_signed(path, code):
    put(f"src/{path}")
    refused(run(*SIGN), code)


def test_a_packed_file_is_not_signed_unseen():
    put("src/authz/more.zip", b"PK\x03\x04" + bytes(30))
    answer = run(*SIGN)
    refused(answer, "leak.unexamined")
    assert answer.status == 3


class TestEveryWayToSign:
    def test_an_archive_that_another_tool_packed(self):
        put("src/.env", b"TOKEN=x")
        Path("packed.tar.gz").write_bytes(pack_directory(Path("src"), limits=DEFAULT_LIMITS))
        for way in (("--out", "a.tar.gz"), ("--detached", "a.json")):
            refused(run("sign", "bundle", "packed.tar.gz", "--key", "release", *way), "leak.environment")

    def test_a_directory_beside(self):
        put("src/.env", b"TOKEN=x")
        refused(run("sign", "bundle", "src", "--key", "release", "--detached", "a.json"), "leak.environment")

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [("ci", None, "leak.private-key"), (".env", b"x", "leak.environment"), ("x", TOKEN, "leak.credentials")],
    )
    def test_any_file(self, name, content, code):
        if content is not None:
            put(name, content)
        refused(run("sign", "artifact", name, "--key", "release", "--out", "a.json"), code)

    def test_what_is_attested_to(self):
        put("p.json", b"{}")
        put("src/.git/config")
        attest = ("--predicate", "p.json", "--type", "https://x/y", "--key", "release", "--out", "a.json")
        refused(run("attest", "src", *attest), "leak.version-control")
        refused(run("attest", "ci", *attest), "leak.private-key")

    def test_what_an_attestation_says(self):
        put("p.json", json.dumps({"env": {"GITHUB_TOKEN": TOKEN.decode()}}).encode())
        refused(
            run(
                "attest",
                "release.pub",
                "--predicate",
                "p.json",
                "--type",
                "https://x/y",
                "--key",
                "release",
                "--out",
                "a.json",
            ),
            "leak.credentials",
        )

    def test_a_key_that_signs_elsewhere_or_nobodys(self):
        put("src/.env")
        for who in (("--key", "hsm:"), ("--keyless",)):
            refused(run("sign", "bundle", "src", *who, "--detached", "a.json"), "leak.environment")


class TestLettingIn:
    def test_what_is_let_in_is_signed_and_said(self):
        put("src/authz/test.pem", KEY)
        answer = run(*SIGN, "--include", "authz/test.pem")
        assert answer.status == 0
        assert "warning: leak.included: authz/test.pem: let in by --include: a private key in PEM" in answer.err
        assert b"PRIVATE KEY" in subprocess.run(["gzip", "-dc", "a.tar.gz"], capture_output=True, check=True).stdout

    def test_nothing_else_is(self):
        put("src/authz/test.pem", KEY)
        put("src/authz/other.pem", KEY)
        refused(run(*SIGN, "--include", "authz/test.pem"), "leak.private-key")

    def test_the_command_says_what_to_type(self):
        put("src/authz/a b.pem", KEY)
        answer = run(*SIGN)
        assert "let in by --include 'authz/a b.pem'" in answer.err

    def test_what_lets_nothing_in_is_2(self):
        answer = run(*SIGN, "--include", "*.pem")
        assert (answer.status, Path("a.tar.gz").exists()) == (2, False)
        assert "--include" in answer.err


class TestListing:
    def test_it_names_every_file_with_its_digest_and_size_and_signs_nothing(self):
        put("src/authz/data.json", b'{"x": 1}')
        answer = run("sign", "bundle", "src", "--list")
        assert answer.status == 0
        rows = [line.split() for line in answer.out.splitlines()]
        assert [row[2] for row in rows] == [".manifest", "authz/data.json", "authz/policy.rego"]
        assert sorted(path.name for path in Path().glob("a*")) == []

    def test_it_needs_no_key_and_writes_nothing_where_one_is_given(self):
        assert run(*SIGN, "--list").status == 0
        assert not Path("a.tar.gz").exists()

    def test_what_would_be_refused_is_marked_and_the_answer_is_no(self):
        put("src/.git/config")
        put("src/authz/k.json", KEY)
        answer = run("sign", "bundle", "src", "--list")
        assert answer.status == 1
        marked = [line.split("  ", 2)[-1].strip() for line in answer.out.splitlines() if "(refused: " in line]
        assert [each.split("(refused: ")[1].split(":")[0] for each in marked] == [
            "leak.version-control",
            "leak.private-key",
        ]

    def test_what_is_let_in_is_marked_too(self):
        put("src/authz/k.json", KEY)
        answer = run("sign", "bundle", "src", "--list", "--include", "authz/k.json")
        assert (answer.status, "(let in: leak.private-key" in answer.out) == (0, True)

    def test_an_archive_is_listed_as_its_directory_is(self):
        run(*SIGN)
        listed = run("sign", "bundle", "a.tar.gz", "--list").out.splitlines()
        assert [line for line in listed if ".signatures.json" not in line] == run(
            "sign", "bundle", "src", "--list"
        ).out.splitlines()

    def test_a_hostile_name_is_shown_harmless(self):
        put("src/authz/x\x1b[31m.rego~")
        answer = run("sign", "bundle", "src", "--list")
        assert "\x1b" not in answer.out + answer.err


def test_the_digests_that_are_listed_are_those_that_are_signed():
    listed = {row.split()[2]: row.split()[0] for row in run("sign", "bundle", "src", "--list").out.splitlines()}
    policy = Path("src/authz/policy.rego").read_bytes()
    assert listed["authz/policy.rego"] == f"sha256:{hashlib.sha256(policy).hexdigest()}"


@NOT_AS_ROOT
def test_what_cannot_be_read_cannot_be_signed():
    put("src/authz/x")
    Path("src/authz/x").chmod(0)
    refused(run(*SIGN), "input.unreadable")
