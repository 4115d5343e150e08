"""What is in images that umoci, buildah and crane have built: the same answers, whoever wrote the layers."""

import tarfile
from functools import partial
from pathlib import Path

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.layout import opened
from tests.support.images.planted import OURS, PASSWORD, THEIRS
from tests.support.images.trees import member, tree
from tests.support.peers.builders import Builders
from tests.support.peers.peers import executable
from verifier.kinds.image.wish import ImageWish
from verifier.secrets.scanner import Scanner
from verifier.trust.sections.image import ImageRule

pytestmark = pytest.mark.interop

NO_SHELL = ImageRule(shells="deny")
PLANTED = OURS | THEIRS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Builders(folder=tmp_path_factory.mktemp("made"))


@pytest.fixture
def judged(made):
    """What comes of the image of a reference, under a rule."""
    places = []

    def judged(reference, rule, wish=None):
        places.append(opened(reference))
        digest = places[-1].resolve().digest
        return judge(places[-1], signed_statement(digest), policy=image_policy(image=rule), wish=wish)

    yield judged
    for each in places:
        each.close()


def busybox(made, mode=0o755) -> Path:
    """The static one, as a file of this mode."""
    copy = made.folder / f"busybox-{mode:o}"
    if not copy.exists():
        copy.write_bytes(Path(executable("busybox", "BUSYBOX")).read_bytes())
        copy.chmod(mode)
    return copy


@pytest.fixture(scope="module")
def umoci(made):
    """Begins an image in the layout `umoci`; returns how to put a file into it, a layer each."""
    made.run("umoci", "init", "--layout", "umoci")

    def begin(tag):
        made.run("umoci", "new", "--image", f"umoci:{tag}")
        return partial(made.run, "umoci", "insert", "--rootless", "--image", f"umoci:{tag}")

    return begin


def layout(made, name):
    return f"oci-layout:{made.folder / name}"


def test_umocis_busybox_is_a_shell_and_what_it_removes_is_none(made, umoci, judged):
    insert = umoci("shell")
    insert(busybox(made), "/bin/busybox")
    assert errors(judged(layout(made, "umoci:shell"), NO_SHELL)) == ["image.shell-present"]
    insert("--whiteout", "/bin/busybox")
    assert errors(judged(layout(made, "umoci:shell"), NO_SHELL)) == []


def test_setuid_that_umoci_keeps_denies_and_what_it_removes_is_a_note(made, umoci, judged):
    rule = ImageRule(setuid="deny")
    insert = umoci("setuid")
    insert(busybox(made, 0o4755), "/bin/tool")
    assert errors(judged(layout(made, "umoci:setuid"), rule)) == ["image.setuid-file"]
    insert("--whiteout", "/bin/tool")
    found = judged(layout(made, "umoci:setuid"), rule)
    assert errors(found) == []
    assert "image.setuid-file" in [each.code for each in found.verdict.reasons]


def test_a_tar_that_buildah_adds_keeps_its_bits_and_its_links(made, judged):
    links = (
        member("bin/tool", busybox(made).read_bytes(), mode=0o4755),
        member("bin/sh", kind=tarfile.SYMTYPE, target="tool"),
        member("bin/other", kind=tarfile.LNKTYPE, target="bin/tool", mode=0o4755),
    )
    (made.folder / "links.tar").write_bytes(tree(*links))
    container = made.buildah("from", "scratch")
    made.buildah("add", container, made.folder / "links.tar", "/")
    made.buildah("config", "--user", "app", container)
    made.buildah("commit", "--quiet", container, f"oci:{made.folder / 'buildah'}:links")
    found = judged(layout(made, "buildah:links"), ImageRule(user="non-root", shells="deny", setuid="deny"))
    assert sorted(errors(found)) == ["image.setuid-file"] * 2 + ["image.shell-present", "image.user-root"]


def test_an_image_of_buildahs_without_anything_meets_every_rule(made, judged, wish):
    (made.folder / "sound.tar").write_bytes(
        tree(
            member("etc/passwd", b"root:x:0:0::/:\napp:x:65532:65532::/:\n"),
            member("app/run", b"\x7fELF", mode=0o555),
            member("tmp", kind=tarfile.DIRTYPE, mode=0o1777),
        )
    )
    container = made.buildah("from", "scratch")
    made.buildah("add", container, made.folder / "sound.tar", "/")
    made.buildah("config", "--user", "app", "--label", "acme.source=https://github.com/acme/app", container)
    made.buildah("commit", "--quiet", container, f"oci:{made.folder / 'buildah'}:sound")
    denied = dict.fromkeys(("shells", "package_managers", "setuid", "devices", "secrets"), "deny")
    rule = ImageRule(user="non-root", labels=(("acme.source", "https://github.com/acme/*"),), **denied)
    assert errors(judged(layout(made, "buildah:sound"), rule, wish)) == []


@pytest.fixture
def wish(tmp_path):
    return ImageWish(search=partial(Scanner, cache=tmp_path / "compiled"), threads=2)


def test_secrets_of_crane_and_umoci_are_found_also_when_they_were_deleted(made, umoci, judged, wish):
    rule = ImageRule(secrets="deny")
    content = tree(*(member(path, text.encode()) for path, text in PLANTED.items()))
    (made.folder / "planted.tar").write_bytes(content)
    made.run(
        *("crane", "append", "--oci-empty-base", "-f", "planted.tar"),
        *("-t", "registry.acme.example/app:1", "-o", "planted.out.tar"),
    )
    made.run("skopeo", "copy", "docker-archive:planted.out.tar", "oci:planted:1")
    found = judged(layout(made, "planted:1"), rule, wish)
    assert errors(found) == ["image.secret"] * len(PLANTED)
    assert PASSWORD not in repr(found)

    insert = umoci("deleted")
    (made.folder / "npmrc").write_bytes(OURS["app/.npmrc"].encode())
    insert(made.folder / "npmrc", "/root/.npmrc")
    insert("--whiteout", "/root/.npmrc")
    assert errors(judged(layout(made, "umoci:deleted"), rule, wish)) == ["image.secret"]


def test_busybox_itself_holds_no_secret(made, umoci, judged, wish):
    umoci("busybox")(busybox(made), "/bin/busybox")
    assert errors(judged(layout(made, "umoci:busybox"), ImageRule(secrets="deny"), wish)) == []


def test_build_arguments_in_buildahs_history_are_found(made, judged, wish):
    file = made.folder / "Containerfile"
    file.write_text(f"FROM scratch\nENV REGISTRY_TOKEN={PASSWORD}\nLABEL acme.kind=app\n")
    made.buildah(
        "build",
        "--isolation",
        "chroot",
        "--layers=false",
        "-f",
        file,
        "-t",
        f"oci:{made.folder / 'buildah'}:env",
        made.folder,
    )
    found = judged(layout(made, "buildah:env"), ImageRule(secrets="deny"), wish)
    assert set(errors(found)) == {"image.secret"}
    assert PASSWORD not in repr(found)
