"""What other tools write, made by them: each is named for what it is, as a document, a bundle, a policy and a root."""

import shutil
import subprocess

import pytest

from tests.support.command import ask, run
from tests.support.peers.peers import executable
from verifier.formats.foreign.recognise import recognise

pytestmark = pytest.mark.interop

OPENSSL = {
    "certificate": "openssl req -new -x509 -key k.pem -subj /CN=x -out out",
    "certificate-request": "openssl req -new -key k.pem -subj /CN=x -out out",
    "der-certificate": "openssl req -new -x509 -key k.pem -subj /CN=x -outform DER -out out",
    "public-key": "openssl pkey -in k.pem -pubout -out out",
    "private-key": "openssl pkey -in k.pem -out out",
    "der-key": "openssl pkey -in k.pem -pubout -outform DER -out out",
    "raw-signature": "openssl dgst -sha256 -sign k.pem -out out app.txt",
    "cms": "openssl cms -sign -in app.txt -signer c.pem -inkey k.pem -outform DER -out out",
    "cms-pem": "openssl cms -sign -in app.txt -signer c.pem -inkey k.pem -outform PEM -out out",
    "der": "openssl ts -query -data app.txt -sha256 -out out",
}
GPG = {
    "gpg-signature": (
        "gpg --batch --quiet --armor -o out --detach-sign app.txt",
        "gpg --batch --quiet -o out --detach-sign app.txt",
        "gpg --batch --quiet -o out --sign app.txt",
        "gpg --batch --quiet -o out --clearsign app.txt",
    ),
    "gpg-key": ("gpg --batch --quiet --armor -o out --export", "gpg --batch --quiet -o out --export"),
}
PACKERS = {
    "tar": "tar cf out app.txt",
    "gzip": "tar czf out app.txt",
    "xz": "tar cJf out app.txt",
    "bzip2": "tar cjf out app.txt",
    "zstd": "tar --zstd -cf out app.txt",
    "checksums": "sha256sum app.txt > out",
    "listing": "ls -la > out",
    "utf-16": "echo '{}' | iconv -t UTF-16 > out",
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """What a command line of another tool writes into `out`, in a folder with a key and a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GNUPGHOME", str(tmp_path / "gnupg"))
    (tmp_path / "app.txt").write_text("app\n")

    def make(line):
        program = next(each for each in line.split() if each != "echo" and "=" not in each and each[0] not in "'|")
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
        (tmp_path / "out").unlink(missing_ok=True)
        subprocess.run(["sh", "-c", line], check=True, capture_output=True, timeout=60)
        return (tmp_path / "out").read_bytes()

    return make


@pytest.fixture
def keyed(made):
    """The same with an OpenSSL key and a certificate beside."""
    made("openssl ecparam -genkey -name prime256v1 -noout -out k.pem && touch out")
    made("openssl req -new -x509 -key k.pem -subj /CN=x -out c.pem && touch out")
    return made


def name_of(content):
    found = recognise(content)
    return found.name if found is not None else None


@pytest.mark.parametrize("name", OPENSSL)
def test_what_openssl_writes_is_named(keyed, name):
    assert name_of(keyed(OPENSSL[name])) == name


@pytest.mark.parametrize("name", GPG)
def test_what_gpg_writes_is_named_armoured_and_binary(made, tmp_path, name):
    (tmp_path / "gnupg").mkdir(mode=0o700)
    made("gpg --batch --quiet --passphrase '' --quick-gen-key me@acme.example ed25519 sign && touch out")
    assert {name_of(made(line)) for line in GPG[name]} == {name}


def test_what_ssh_keygen_writes_is_named(made):
    made("ssh-keygen -q -t ed25519 -N '' -f key && touch out")
    assert name_of(made("ssh-keygen -Y sign -f key -n file app.txt && mv app.txt.sig out")) == "ssh-signature"
    assert name_of(made("ssh-keygen -y -f key > out")) == "ssh-public-key"
    assert name_of(made("cp key out && ssh-keygen -l -f out")) == "ssh-private-key"


@pytest.mark.parametrize("name", PACKERS)
def test_what_a_shell_has_at_hand_writes_is_named(made, name):
    assert name_of(made(PACKERS[name])) == name


def test_what_cosign_writes_is_named(keyed):
    executable("cosign", "cosign")
    keyed("COSIGN_PASSWORD= cosign generate-key-pair && touch out")
    assert name_of(keyed("cp cosign.key out && cosign version")) == "cosign-private-key"
    signed = "cosign sign-blob --yes --key cosign.key --use-signing-config=false --tlog-upload=false"
    older = keyed(f"COSIGN_PASSWORD= {signed} --new-bundle-format=false --bundle out app.txt")
    assert name_of(older) == "cosign-bundle"
    assert (
        name_of(keyed(f"COSIGN_PASSWORD= {signed} --new-bundle-format=true --bundle out app.txt")) == "sigstore-bundle"
    )


def test_a_git_bundle_is_named(made):
    made("git init -q r && git -C r -c user.name=a -c user.email=a@b commit -q --allow-empty -m x && touch out")
    assert name_of(made("git -C r bundle create -q ../out HEAD")) == "git-bundle"


def test_what_opa_signs_is_no_attestation(keyed):
    executable("opa", "OPA")
    keyed(
        "mkdir b && echo '{}' > b/data.json && opa sign --signing-key k.pem --signing-alg ES256 --bundle b && touch out"
    )
    assert name_of(keyed("cp .signatures.json out && opa version")) == "opa-signatures"


def test_an_archive_that_was_packed_by_dot_is_one_error_that_says_how_to_pack(keyed, tmp_path):
    keyed("openssl pkey -in k.pem -pubout -out k.pub && touch out")
    keyed("mkdir -p b/x/y && echo '{}' > b/data.json && echo 'package a' > b/x/y/a.rego && tar czf out -C b .")
    answer = ask("bundle", "out", "--key", "k.pub", "--name", "authz")
    (reason,) = [each for each in answer.report["reasons"] if each["severity"] == "error"]
    assert (answer.status, reason["code"]) == (1, "archive.unsafe-name")
    assert "not '.'" in reason["hint"]
    keyed("tar czf out -C b $(ls -A b)")
    assert "archive.unsafe-name" not in run("bundle", "out", "--key", "k.pub", "--name", "authz").out
