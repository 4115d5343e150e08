"""`--require-hashes` means what it means to pip: what pip refuses for its hashes is refused.

What has a hash and no version is refused here alone: pip takes whatever has that hash; nobody can be asked about it.
pip installs from a folder of two wheels that are made here.
"""

import base64
import hashlib
import subprocess
import sys
import zipfile

import pytest

from tests.support.audit.scene import audited, database, requirements

pytestmark = pytest.mark.interop
FILES = {
    "pinned and hashed": (0, ["jinja2==3.1.4 {jinja2}"]),
    "pinned exactly as it is written": (0, ["jinja2===3.1.4 {jinja2}"]),
    "two hashes": (0, ["jinja2==3.1.4 {jinja2} {markupsafe}"]),
    "two packages": (0, ["jinja2==3.1.4 {jinja2}", "markupsafe==2.1.5 {markupsafe}"]),
    "no hash": (1, ["jinja2==3.1.4"]),
    "one of two without a hash": (1, ["jinja2==3.1.4 {jinja2}", "markupsafe==2.1.5"]),
}
"""What pip makes of it (0: installed), and the lines."""
UNPINNED = ("jinja2>=3 {jinja2}", "jinja2==3.* {jinja2}", "jinja2 {jinja2}")


def wheel(folder, name, version):
    """A wheel of nothing, and its hash as an option."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: none\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, content in files.items():
            archive.writestr(each, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
            record += f"{each},sha256={digest},{len(content)}\n"
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def pip(path, *options):
    command = (sys.executable, "-m", "pip", "install", "--no-index", "--find-links", "wheels", "--no-deps")
    target = ("--target", "installed", *options, "-r", path)
    return subprocess.run((*command, *target), capture_output=True, text=True, check=False)


@pytest.fixture
def hashes(tmp_path, monkeypatch):
    """The hashes of the wheels in a place with them and a database."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wheels").mkdir()
    database()
    versions = {"jinja2": "3.1.4", "markupsafe": "2.1.5"}
    return {name: wheel(tmp_path / "wheels", name, version) for name, version in versions.items()}


@pytest.mark.parametrize("kind", FILES)
def test_what_pip_refuses_for_its_hashes_is_refused(hashes, kind):
    refused, lines = FILES[kind]
    path = requirements(*(each.format(**hashes) for each in lines))
    by_pip = pip(path, "--require-hashes")
    assert (by_pip.returncode, "hash" in by_pip.stderr) == (refused, bool(refused)), by_pip.stderr
    answer = audited(path, options=("--require-hashes",))
    assert (answer.status, answer.codes) == (refused, ["dependency.hash-missing"] * refused)


@pytest.mark.parametrize("line", UNPINNED)
def test_what_has_a_hash_and_no_version_is_refused_here_alone(hashes, line):
    path = requirements(line.format(**hashes))
    assert pip(path, "--require-hashes").returncode == 0
    answer = audited(path, options=("--require-hashes",))
    assert (answer.status, set(answer.codes)) == (1, {"dependency.unpinned", "vulnerability.unknown-dependency"})


@pytest.mark.parametrize("weak", ["md5:" + "c" * 32, "sha1:" + "d" * 40])
def test_what_pip_takes_no_hashes_of_is_no_pin(tmp_path, monkeypatch, weak):
    """pip takes SHA-256, SHA-384 and SHA-512 alone."""
    monkeypatch.chdir(tmp_path)
    database()
    path = requirements(f"jinja2==3.1.4 --hash={weak}")
    assert "invalid choice" in (done := pip(path)).stderr or "Allowed hash algorithms" in done.stderr
    answer = audited(path)
    assert (answer.status, answer.codes) == (1, ["dependency.hash-weak"])
