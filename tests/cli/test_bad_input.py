"""Bad input at the command: a clear report, exit status 1, 2 or 3, never a traceback, and the ledger untouched."""

import os
import shutil
import subprocess
import sys
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest

import verifier
from fixtures.attacks.catalogue import NOW
from fixtures.attacks.registry import POLICIES
from fixtures.bundles import tar
from fixtures.bundles.golden import golden
from tests.support.attack_scene import template
from tests.support.peers.privileges import NOT_AS_ROOT
from verifier.cli.main import main

GOOD = golden("authz-1.1.0")
TAR = zlib.decompress(GOOD, 31)
CUTS = range(512, len(TAR), 512)
MIB = 1024 * 1024
ALLOWED = 64 * MIB
"""Memory that a bomb may cost above what the genuine bundle costs."""
MEASURED = """
import resource, sys
from verifier.cli.main import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


@pytest.fixture
def verify(tmp_path, capsys):
    """Runs `verify bundle --record` with the default policy and a ledger that must not move."""
    path = tmp_path / "state" / "ledger.db"
    path.parent.mkdir(mode=0o700)
    shutil.copy(template(("authz-1.0.0",), "", ""), path)
    url = f"sqlite://{path}"
    before = _state(url)

    def run(reference, *, policy=POLICIES / "default.toml", more=()):
        options = ["--policy", str(policy), "--name", "authz", "--now", NOW.isoformat(), "--ledger", url, "--record"]
        status = main(["bundle", str(reference), *options, *more])
        answer = capsys.readouterr()
        _require_plain(answer.out + answer.err)
        return status, answer.out, answer.err

    yield run
    assert _state(url) == before


def _state(url):
    with verifier.open_ledger(url) as ledger:
        moment = ledger.scopes()
        return moment.states, moment.max_time_seen


def _require_plain(text):
    hidden = {character for character in text if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}}
    assert hidden <= {"\n"}
    assert "Traceback" not in text
    assert "internal.error" not in text


def file_of(tmp_path, content, name="bundle.tar.gz"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_a_path_that_does_not_exist_could_not_be_decided(verify, tmp_path):
    status, out, _ = verify(tmp_path / "nowhere.tar.gz")
    assert status == 3
    assert "input.unreadable" in out
    assert "could not be decided" in out


@NOT_AS_ROOT
def test_a_file_that_may_not_be_read_could_not_be_decided(verify, tmp_path):
    path = file_of(tmp_path, GOOD)
    path.chmod(0)
    status, out, _ = verify(path)
    assert status == 3
    assert "input.unreadable" in out


def test_a_fifo_is_not_waited_for(verify, tmp_path):
    os.mkfifo(tmp_path / "bundle.tar.gz")
    status, out, _ = verify(tmp_path / "bundle.tar.gz")
    assert status == 3
    assert "a FIFO" in out


def test_a_device_is_not_read(verify):
    status, out, _ = verify("/dev/zero")
    assert status == 3
    assert "a character device" in out


def test_an_empty_directory_is_no_signed_bundle(verify, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, _ = verify(tmp_path / "empty")
    assert status == 1
    assert "signature.missing" in out


def test_a_directory_that_is_no_bundle_is_no_signed_bundle(verify, tmp_path):
    (tmp_path / "home" / "pictures").mkdir(parents=True)
    file_of(tmp_path / "home" / "pictures", b"\x89PNG", "cat.png")
    status, out, _ = verify(tmp_path / "home")
    assert status == 1
    assert "signature.missing" in out


def test_a_link_in_a_directory_is_not_followed(verify, tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "data.json").symlink_to("/etc/passwd")
    status, out, _ = verify(tmp_path / "tree")
    assert status == 1
    assert "archive.special-member" in out


def test_an_empty_file_is_no_bundle(verify, tmp_path):
    status, out, _ = verify(file_of(tmp_path, b""))
    assert status == 1
    assert "archive.not-gzip" in out
    assert "this is an empty file" in out


def test_a_plain_tar_is_no_bundle(verify, tmp_path):
    status, out, _ = verify(file_of(tmp_path, TAR))
    assert status == 1
    assert "archive.not-gzip" in out


def test_a_zip_is_no_bundle(verify, tmp_path):
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        archive.writestr("data.json", "{}")
    status, out, _ = verify(tmp_path / "bundle.zip")
    assert status == 1
    assert "archive.not-gzip" in out


@pytest.mark.parametrize("end", CUTS)
def test_an_archive_that_is_cut_off_at_a_block_is_denied(verify, tmp_path, end):
    status, out, _ = verify(file_of(tmp_path, GOOD[:end]))
    assert status == 1
    assert "archive.truncated" in out


@pytest.mark.parametrize("end", CUTS)
def test_an_archive_that_is_cut_off_and_packed_again_is_denied(verify, tmp_path, end):
    status, out, _ = verify(file_of(tmp_path, tar.gzip(TAR[:end])))
    assert status == 1
    assert "archive.truncated" in out or "signature.missing" in out


def test_the_cuts_are_not_none():
    assert len(CUTS) > 5


def test_a_file_name_cannot_write_to_the_terminal(tmp_path, capsys):
    path = file_of(tmp_path, b"", "\x1b[2K\x1b[32mPASSED\x1b[0m\n.tar.gz")
    status = main(["bundle", str(path), "--policy", str(POLICIES / "default.toml"), "--now", NOW.isoformat()])
    answer = capsys.readouterr()
    assert status == 1
    assert answer.out.startswith("FAILED")
    _require_plain(answer.out + answer.err)


def test_a_file_name_that_is_not_utf_8_is_reported(tmp_path, capsys):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.tar.gz"))
    path.write_bytes(GOOD)
    status = main(["bundle", str(path), "--policy", str(POLICIES / "default.toml"), "--now", NOW.isoformat()])
    assert status == 1
    _require_plain(capsys.readouterr().out)


def test_a_terminal_without_the_letters_of_a_name_gets_escapes(tmp_path):
    """A report that could not be printed would turn an acceptance, already recorded, into an error."""
    path = file_of(tmp_path, GOOD, "日本.tar.gz")
    key = POLICIES.parents[1] / "keys" / "release.pub"
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "bundle", str(path), "--key", str(key), "--now", NOW.isoformat()],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b"PASSED  bundle:\\u65e5\\u672c")


def test_a_policy_with_a_misspelt_key_names_its_line(verify, tmp_path):
    policy = tmp_path / "trust.toml"
    text = (POLICIES / "default.toml").read_text().replace('"../../keys/', f'"{POLICIES.parents[1]}/keys/')
    policy.write_text(text.replace("signatures =", "signature ="))
    line = 1 + text.splitlines().index(next(line for line in text.splitlines() if line.startswith("signatures")))
    status, out, err = verify(file_of(tmp_path, GOOD), policy=policy)
    assert (status, out) == (2, "")
    assert f"trust.toml:{line}" in err
    assert "signature" in err


@pytest.mark.parametrize(
    "options",
    [("--now", "yesterday"), ("--version-from", "revision"), ("--nonsense",), ("--format", "xml")],
    ids=lambda options: options[0],
)
def test_wrong_usage_is_said_on_standard_error_only(options, tmp_path, capsys):
    path = file_of(tmp_path, GOOD)
    status = main(["bundle", str(path), "--key", str(POLICIES.parents[1] / "keys" / "release.pub"), *options])
    answer = capsys.readouterr()
    assert (status, answer.out) == (2, "")
    assert options[0] in answer.err
    _require_plain(answer.err)


def test_nobody_to_trust_is_wrong_usage(tmp_path, capsys):
    status = main(["bundle", str(file_of(tmp_path, GOOD))])
    assert (status, capsys.readouterr().out) == (2, "")


def test_a_policy_that_is_not_there_is_wrong_usage(verify, tmp_path):
    status, out, err = verify(file_of(tmp_path, GOOD), policy=tmp_path / "nowhere.toml")
    assert (status, out) == (2, "")
    assert "nowhere.toml" in err


def test_an_attestation_that_cannot_be_read_counts_for_nothing_and_is_named(verify, tmp_path):
    missing = ["--attestation", str(tmp_path / "nowhere.json")]
    status, out, _ = verify(file_of(tmp_path, GOOD), policy=POLICIES / "threshold.toml", more=missing)
    assert status == 1
    assert "input.unreadable" in out
    assert "signature.threshold-not-met" in out


def bomb_of_one_member():
    """A header that truly announces 10 GiB, and they follow."""
    header = tar.header(b"blob.bin", 0, fields={"size": b"%012o" % (10 * 1024 * MIB)})
    return _zeros(header, 10 * 1024), 0


def bomb_of_many_members():
    """Fifty members of 200 MiB, each within its limit; the trailer admits to no more than 100 MiB."""
    header = tar.header(b"blob.bin", 200 * MIB)
    return b"".join(_zeros(header, 200, head=number == 0) for number in range(50)), 100 * MIB


def bomb_behind_the_end():
    """An archive that ends at once, and 10 GiB of zeros."""
    return _zeros(bytes(1024), 10 * 1024), 0


def bomb_of_an_honest_trailer():
    """One GiB by its trailer, of which every member is within its limit."""
    header = tar.header(b"blob.bin", 200 * MIB)
    return b"".join(_zeros(header, 200, head=number == 0) for number in range(50)), 900 * MIB


BOMBS = [bomb_of_one_member, bomb_of_many_members, bomb_behind_the_end, bomb_of_an_honest_trailer]


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.__name__)
def test_ten_gibibytes_are_refused_within_the_memory_of_a_small_bundle(bomb, tmp_path):
    packed, declared = bomb()
    baseline = _peak(file_of(tmp_path, GOOD, "good.tar.gz"), expected=0)
    content = packed + b"\x03\x00" + bytes(4) + declared.to_bytes(4, "little")
    peak = _peak(file_of(tmp_path, content), expected=1)
    assert len(content) < 16 * MIB
    # The packed bytes themselves are read, and are no part of what unpacking costs.
    assert peak - baseline < ALLOWED


def _zeros(before, mebibytes, *, head=True):
    """A piece of a deflate stream: `before`, and so many MiB of zeros, each of which packs to the same bytes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
    unit = deflate.compress(bytes(MIB)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return (b"\x1f\x8b\x08\0\0\0\0\0\0\xff" if head else b"") + start + unit * mebibytes


def _peak(path, *, expected):
    """The peak memory, in bytes, of a process that verifies the bundle; `expected` is its exit status."""
    options = ["--policy", str(POLICIES / "default.toml"), "--name", "authz", "--now", NOW.isoformat()]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "bundle", str(path), *options],
        env={**os.environ, "XDG_STATE_HOME": str(path.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    if expected:
        assert "archive." in done.stdout
    return int(done.stderr.splitlines()[-1]) * 1024
