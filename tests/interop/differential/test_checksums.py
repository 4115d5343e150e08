"""Lists of checksums beside `sha256sum --strict -c`: what is verified here it verifies, however odd the names are."""

import hashlib
import random
import subprocess

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.peers.opa_server import ROUNDS
from tests.support.peers.peers import executable
from verifier.sources.listed import ListedFiles

pytestmark = pytest.mark.interop
COUNT = 150 * ROUNDS
NAMES = (
    "app",
    "a b",
    " lead",
    "*star",
    "(round)",
    "a) = b",
    "#hash",
    "line\nbreak",
    "umlaut-ü",
    "dir/file",
    "x = y",
    "-dash",
)
CHANGES = (
    "  ",
    " *",
    " ",
    "\t",
    "\\",
    "\n",
    "\r\n",
    "./",
    "../",
    "#",
    "0",
    "SHA256 (",
    ") = ",
    "-",
    "/",
    "\0",
    "ü",
    "=",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("listed")
    for name in NAMES:
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).write_bytes(name.encode())
    return made


def theirs(folder, listing):
    (folder / "SUMS").write_bytes(listing)
    command = [executable("sha256sum", "SHA256SUM"), "--strict", "--status", "-c", "SUMS"]
    return subprocess.run(command, cwd=folder, check=False, timeout=PATIENCE_S).returncode == 0


def ours(folder, listing):
    found = ListedFiles(place=folder / "SUMS").judge(listing)
    return not any(reason.is_error for reason in found)


@pytest.mark.parametrize(
    "command",
    [
        *(("sha256sum",), ("sha256sum", "-b"), ("sha256sum", "--tag"), ("sha384sum",), ("sha512sum", "--tag")),
        *(("shasum", "-a", "256"), ("shasum", "-a", "512", "-b"), ("shasum", "-a", "256", "--tag")),
        *(("openssl", "dgst", "-sha256"), ("openssl", "dgst", "-sha512"), ("openssl", "dgst", "-sha256", "-r")),
    ],
    ids=" ".join,
)
def test_what_each_tool_writes_is_verified(folder, command):
    executable(command[0], command[0].upper())
    # openssl and shasum write a line break in a name as it is, which nobody can read back.
    names = [each for each in NAMES if "\n" not in each or (command[0][-3:] == "sum" and command[0] != "shasum")]
    named = [f"./{each}" if each.startswith("-") else each for each in names]
    made = subprocess.run([*command, *named], cwd=folder, capture_output=True, check=True, timeout=PATIENCE_S)
    found = ListedFiles(place=folder / "SUMS").judge(made.stdout)
    assert sorted((reason.code, reason.subject) for reason in found) == sorted(
        ("checksums.verified", each) for each in names
    )


def test_a_changed_list_that_passes_here_passes_there(folder):
    chance = random.Random(12)  # noqa: S311 - the same tries every time
    agreed = 0
    for _ in range(COUNT):
        names = chance.sample(NAMES, 3)
        lines = [f"{hashlib.sha256(each.encode()).hexdigest()}  {each}\n" for each in names if "\n" not in each]
        text = "".join(lines)
        for _ in range(chance.randint(0, 2)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(CHANGES) + text[at + chance.choice([0, 0, 1, 2]) :]
        here = ours(folder, text.encode())
        agreed += here
        assert theirs(folder, text.encode()) or not here, text
    assert COUNT // 10 < agreed < COUNT
