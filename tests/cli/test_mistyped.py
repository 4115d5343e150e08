"""What stands in the place of a file, a command or an option, and is none: said, with what to do."""

import pytest

from tests.support.command import ask, run
from tests.support.material import private_pem, public_pem
from verifier.cli.app import COMMANDS
from verifier.cli.mistakes import other_commands

pytestmark = pytest.mark.usefixtures("place")

ADDRESSES = [
    "https://downloads.acme.example/app.tar.gz",
    "oci://r.acme.example/app:1",
    "file:///tmp/app",
    "s3://b/k",
]


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "k.pub").write_bytes(public_pem("p256"))
    (tmp_path / "app.txt").write_text("app")


def errors(answer):
    return [reason for reason in answer.report["reasons"] if reason["severity"] == "error"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_artifact_that_is_an_address_is_called_that(address):
    answer = ask("artifact", address, "--attestation", "k.pub", "--key", "k.pub")
    (reason,) = errors(answer)
    assert (answer.status, reason["code"]) == (3, "input.unreadable")
    assert "address" in reason["message"] or "standard input" in reason["message"]
    assert "No such file" not in reason["message"]
    assert reason["hint"] != "Check the path and its permissions."


@pytest.mark.parametrize("option", ["--key", "--policy", "--trusted-root"])
@pytest.mark.parametrize("address", ["https://acme.example/x", "file:///x/y"])
def test_an_option_that_names_an_address_is_told_to_name_a_file(option, address):
    more = (
        "--cert-identity",
        "https://github.com/a/b/.github/workflows/r.yml@x",
        "--cert-oidc-issuer",
        "https://i.example",
    )
    answer = run("artifact", "app.txt", "--attestation", "k.pub", option, address, *(more if "root" in option else ()))
    assert answer.status == 2
    assert "No such file" not in answer.err
    assert "address" in answer.err


@pytest.mark.parametrize(
    "reference", ["localhost:5000/acme/app:1", "r.acme.example/acme/app", f"r:5000/app@sha256:{'0a' * 32}"]
)
@pytest.mark.parametrize("command", ["artifact", "bundle"])
def test_a_reference_in_the_place_of_a_file_is_told_which_command_takes_it(command, reference):
    hint = errors(ask(command, reference, "--key", "k.pub"))[-1]["hint"]
    assert f"verify image {reference}" in hint
    assert f"verify bundle oci://{reference}" in hint


@pytest.mark.parametrize("path", ["out/app.tar.gz", "app-1.0/x", "src/authz"])
def test_a_path_is_not_taken_for_a_reference(path):
    assert "registry" not in errors(ask("artifact", path, "--key", "k.pub"))[0]["message"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("amd64", "Write linux/amd64."),
        ("linux-arm64", "Write linux/arm64."),
        ("all", "without --platform every platform"),
        ("linux/amd64,linux/arm64", "without --platform every platform"),
    ],
)
def test_what_is_no_platform_is_told_how_one_is_written(written, meant):
    answer = run("image", "oci-layout:app", "--key", "k.pub", "--platform", written)
    assert (answer.status, meant in answer.err) == (2, True)


def test_a_path_that_is_only_missing_is_still_called_that():
    (reason,) = errors(ask("artifact", "nope.txt", "--attestation", "k.pub", "--key", "k.pub"))
    assert "No such file" in reason["message"]


def test_a_file_whose_name_looks_like_an_address_is_read(tmp_path):
    (tmp_path / "https:").mkdir()
    (tmp_path / "https:" / "x").write_bytes(public_pem("p256"))
    (reason,) = errors(ask("artifact", "app.txt", "--key", "https:/x", "--bundle", "k.pub"))[:1]
    assert reason["code"] == "attestation.invalid"


def test_a_device_in_the_place_of_a_bundle_is_told_to_become_a_file():
    (reason,) = errors(ask("bundle", "/dev/null", "--key", "k.pub"))
    assert "to a file first" in reason["hint"]


def test_a_folder_in_the_place_of_a_file_is_named():
    answer = run("artifact", "app.txt", "--key", ".", "--attestation", "k.pub")
    assert (answer.status, "a directory" in answer.err, "Name the file" in answer.err) == (2, True, True)


def test_the_short_option_for_help_is_help():
    assert run("-h") == run("--help")
    assert run("ledger", "check", "-h") == run("ledger", "check", "--help")
    assert run("-h").status == 0


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("container", "verify image REF"),
        ("push", "verify publish SOURCE REF"),
        ("attach", "verify publish REF --attach FILE"),
        ("bom", "verify sbom check"),
        ("history", "verify ledger history"),
        ("nonsense", "Commands: bundle, image"),
    ],
)
def test_a_command_that_is_none_is_told_what_there_is(word, said):
    answer = run(word)
    assert answer.status == 2
    assert said in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("verify x.json", "verify sbom check SBOM --against TARGET"),
        ("validate x.json", "verify sbom check SBOM --against TARGET"),
        ("create .", "verify sbom generate TARGET"),
        ("compare a b", "verify sbom diff OLD NEW"),
        ("sign x", "verify attest ARTIFACT --type cyclonedx"),
        ("nonsense", "Commands: generate, check, diff"),
        ("generate . -o x.json", "--output FILE"),
        ("generate . --out x.json", "--output FILE"),
        ("generate . --format spdx", "--as"),
        ("check x.json -o json", "--format"),
        ("check x.json app", "--against TARGET"),
    ],
)
def test_what_other_tools_of_sboms_take_is_told_what_there_is(words, said):
    answer = run("sbom", *words.split())
    assert answer.status == 2
    assert said in answer.err
    assert "second `verify`" not in answer.err


@pytest.mark.parametrize(("option", "said"), [("--json", "--format json")])
def test_an_option_that_is_none_is_told_what_there_is(option, said):
    answer = run("ledger", "show", option)
    assert answer.status == 2
    assert said in answer.err


def test_every_command_that_is_named_in_its_place_exists():
    for said in other_commands.COMMANDS.values():
        for named in said.split("`")[1::2]:
            first = named.split()[1] if named.startswith("verify ") else "--help"
            assert first in COMMANDS or first.startswith("--") or first == "COMMAND"
    assert not other_commands.COMMANDS.keys() & COMMANDS.keys()


def test_postgres_is_told_of_postgresql_and_a_password_is_not_repeated():
    answer = run(
        "bundle", "app.txt", "--key", "k.pub", "--name", "x", "--record", "--ledger", "postgres://u:geheim@h/d"
    )
    assert answer.status == 2
    assert "postgresql" in answer.err
    assert "geheim" not in answer.err


def test_what_is_named_stays_undecided_beside_a_good_signature(tmp_path):
    (tmp_path / "k.pem").write_bytes(private_pem("p256"))
    (tmp_path / "k.pem").chmod(0o600)
    assert (
        run("sign", "artifact", "app.txt", "--key", "k.pem", "--out", "app.sig.json", "--name", "app.txt").status == 0
    )
    (tmp_path / "app.txt.sig").write_text("-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n")
    alone = ask("artifact", "app.txt", "--key", "k.pub", "--attestation", "app.sig.json")
    assert alone.status == 0
    both = ask("artifact", "app.txt", "--key", "k.pub", "--attestation", "app.sig.json", "--attestation", "app.txt.sig")
    assert both.status != 0
    assert "attestation.undecided" in both.codes
    assert "SSH signature" in both.out
