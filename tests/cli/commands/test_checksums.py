"""`verify artifact SHA256SUMS --checksums`: the list by its signature, then every file by the list."""

import hashlib
import json
import subprocess

import pytest

from tests.support.command import ask, run

pytestmark = pytest.mark.usefixtures("place")


@pytest.fixture
def release(place):
    folder = place / "dist"
    folder.mkdir()
    (folder / "app-1.0.0").write_bytes(b"an application")
    (folder / "lib-1.0.0").write_bytes(b"a library")
    lines = [f"{hashlib.sha256(each.read_bytes()).hexdigest()}  {each.name}\n" for each in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(lines))
    sign = ("sign", "artifact", folder / "SHA256SUMS", "--key", "release", "--version", "1.0.0")
    assert run(*sign, "--out", folder / "SHA256SUMS.sigstore.json").status == 0
    return folder


def verify(folder, *options, key="release.pub"):
    beside = ("--bundle", folder / "SHA256SUMS.sigstore.json", "--key", key)
    return ask("artifact", folder / "SHA256SUMS", *beside, "--checksums", *options)


def told(answer):
    rows = [(each["code"], each["subject"]) for each in answer.report["reasons"]]
    return [row for row in rows if row[0].startswith(("checksums.", "input."))]


BOTH = [("checksums.verified", "app-1.0.0"), ("checksums.verified", "lib-1.0.0")]


def test_the_report_lists_what_was_verified_with_its_digest(release):
    answer = verify(release, "--refuse-unlisted")
    assert (answer.status, told(answer)) == (0, BOTH)
    messages = [each["message"] for each in answer.report["reasons"] if each["code"] == "checksums.verified"]
    assert all(
        f"sha256:{hashlib.sha256(each.read_bytes()).hexdigest()}" in said
        for said, each in zip(messages, sorted(release.glob("*-1.0.0")), strict=True)
    )


def test_an_altered_a_missing_and_a_further_file_are_denied_each_by_its_code(release):
    (release / "app-1.0.0").write_bytes(b"another")
    (release / "lib-1.0.0").rename(release / "lib-2.0.0")
    answer = verify(release, "--refuse-unlisted")
    assert answer.status == 1
    assert told(answer) == [
        ("checksums.altered", "app-1.0.0"),
        ("checksums.missing", "lib-1.0.0"),
        ("checksums.unlisted", "lib-2.0.0"),
    ]


def test_of_a_release_only_what_was_fetched_can_be_asked_about(release, place):
    (release / "lib-1.0.0").unlink()
    assert verify(release).status == 1
    answer = verify(release, "--ignore-missing")
    assert (answer.status, told(answer)) == (0, [BOTH[0], ("checksums.not-here", "lib-1.0.0")])
    assert told(verify(release, "--listed", release / "app-1.0.0")) == [BOTH[0]]
    assert told(verify(release, "--listed", "release.pub")) == [("checksums.unlisted", "release.pub")]


def test_nothing_is_read_of_a_list_that_nobody_here_has_signed(release):
    (release / "app-1.0.0").unlink()
    answer = verify(release, key="ci.pub")
    assert (answer.status, told(answer)) == (1, [])
    (release / "SHA256SUMS").write_bytes(b"nonsense")
    answer = verify(release)
    assert (answer.status, told(answer), "attestation.subject-mismatch" in answer.codes) == (1, [], True)


def test_a_denial_of_a_file_advances_no_ledger(release, place):
    assert run("ledger", "init").status == 0
    order = ("--version-from", "attestation.version", "--version-scheme", "semver", "--record")
    (release / "app-1.0.0").write_bytes(b"another")
    assert verify(release, *order).status == 1
    (release / "app-1.0.0").write_bytes(b"an application")
    answer = verify(release, *order)
    assert (answer.status, answer.report["ledger"]["before"], answer.report["ledger"]["after"]) == (0, None, "0:1.0.0")


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (("--listed", "app"), "--listed"),
        (("--ignore-missing",), "--ignore-missing"),
        (("--refuse-unlisted",), "--refuse-unlisted"),
        (("--checksums", "--listed", "app", "--ignore-missing"), "--listed"),
    ],
)
def test_what_would_be_ignored_is_wrong_usage(options, where):
    answer = run("artifact", "SHA256SUMS", "--key", "release.pub", *options)
    assert (answer.status, answer.err.startswith(f"verify: error: {where}: ")) == (2, True)


def test_a_digest_lists_nothing():
    answer = run("artifact", f"sha256:{'0' * 64}", "--key", "release.pub", "--checksums")
    assert (answer.status, "the list itself" in answer.err) == (2, True)


def test_names_from_a_list_do_not_reach_the_terminal_as_they_are(release):
    name = "a\nverify: PASSED \x1b[2J"
    digest = hashlib.sha256(b"x").hexdigest()
    (release / "SHA256SUMS").write_text(f"\\{digest}  {name.replace(chr(10), chr(92) + 'n').replace(chr(27), '')}\n")
    assert run("sign", "artifact", release / "SHA256SUMS", "--key", "release", "--version", "1.0.0",
               "--out", release / "SHA256SUMS.sigstore.json").status == 0  # fmt: skip
    beside = ("--bundle", release / "SHA256SUMS.sigstore.json", "--key", "release.pub")
    answer = run("artifact", release / "SHA256SUMS", *beside, "--checksums")
    assert answer.status == 1
    assert not any(line.startswith("verify: PASSED") for line in answer.out.splitlines())


@pytest.mark.parametrize(
    "command", [("sha256sum",), ("sha256sum", "-b"), ("sha512sum", "--tag"), ("shasum", "-a", "384")]
)
def test_lists_that_the_tools_of_this_machine_write_are_read(place, command):
    names = ["plain", "with blank", "(round) = x", "*star", " leading"]
    folder = place / "made"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(name.encode())
    try:
        made = subprocess.run([*command, *names], cwd=folder, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip(f"no {command[0]}")
    (folder / "SUMS").write_bytes(made.stdout)
    assert run("sign", "artifact", folder / "SUMS", "--key", "release", "--version", "1.0.0",
               "--out", folder / "SUMS.json").status == 0  # fmt: skip
    answer = ask("artifact", folder / "SUMS", "--bundle", folder / "SUMS.json", "--key", "release.pub", "--checksums",
                 "--refuse-unlisted")  # fmt: skip
    assert (answer.status, sorted(told(answer))) == (0, sorted(("checksums.verified", name) for name in names))
    assert json.loads(answer.out)["verdict"] == "PASSED"
