"""The project's image: built by the Containerfile, on a Debian that debootstrap has made and that is kept."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.support.peers.peers import executable, missing
from tests.support.places import ROOT

_LOCAL = "localhost/policy-verifier-base:bookworm"
_CONTEXT = (
    *("Containerfile", "requirements-image.lock", "docs/platforms.json", "tools/__init__.py", "tools/lock_here.py"),
    "tools/container/chisel.py",
)
_AUTHORITIES = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))


def base() -> str:
    """The image to build on, by its name here: a small Debian with apt."""
    tree = _kept() / "bookworm"
    if not (tree / "var/lib/dpkg/status").exists():
        debootstrap = shutil.which("debootstrap")
        if debootstrap is None or os.geteuid() != 0:
            missing("no debootstrap, or not root: the image has nothing to be built on")
        subprocess.run([debootstrap, "--variant=minbase", "bookworm", tree], check=True, capture_output=True)
    if buildah("images", "--quiet", _LOCAL, check=False).strip():
        return _LOCAL
    working = buildah("from", "scratch").strip()
    buildah("add", "--quiet", working, str(tree), "/")
    buildah("commit", "--quiet", working, _LOCAL)
    buildah("rm", working)
    return _LOCAL


def built(room: Path, wheel: Path) -> Path:
    """The image of this checkout, as an OCI layout in `room`."""
    context = room / "context"
    for name in _CONTEXT:
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, context / name)
    (context / "dist").mkdir()
    shutil.copy(wheel, context / "dist")
    (room / "pip.conf").write_text("[global]\ncert = /etc/ssl/certs/of-the-host.crt\n")
    buildah(
        *("bud", "--isolation", "chroot", "--build-arg", f"BASE={base()}", "--secret", f"id=pip,src={room}/pip.conf"),
        *("--volume", f"{_AUTHORITIES}:/etc/ssl/certs/of-the-host.crt:ro", "--tag", "localhost/verifier:test"),
        *("--file", str(context / "Containerfile"), str(context)),
    )
    buildah("push", "--quiet", "localhost/verifier:test", f"oci:{room}/layout:0.1.0")
    return room / "layout"


def inside(*command: str) -> str:
    """What a command of the image prints, run as its user."""
    working = buildah("from", "localhost/verifier:test").strip()
    try:
        return buildah("run", "--isolation", "chroot", working, "--", *command)
    finally:
        buildah("rm", working)


def buildah(*arguments: str, check: bool = True) -> str:
    """What buildah prints; its complaint where it fails."""
    ran = subprocess.run(
        [executable("buildah", "BUILDAH"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if check and ran.returncode != 0:
        raise AssertionError(f"buildah {' '.join(arguments)}: {ran.stdout[-2000:]}{ran.stderr[-4000:]}")
    return ran.stdout


def _kept() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "policy-verifier" / "peers" / "images"
