"""What an image holds, judged from its bytes: each rule denies with its one code, and a rule that is met accepts."""

import tarfile
from functools import partial

import pytest

from tests.support.images.judged import errors, image_policy, judge, signed_statement
from tests.support.images.made import MemoryPlace
from tests.support.images.planted import GITHUB, OURS, PASSWORD
from tests.support.images.trees import member, tree
from verifier.core.value import replace
from verifier.core.verdict import Decision
from verifier.kinds.image.wish import ImageWish
from verifier.secrets.scanner import Scanner
from verifier.trust.sections.image import ImageRule

EVERYTHING = ImageRule(
    user="non-root",
    shells="deny",
    package_managers="deny",
    setuid="deny",
    devices="deny",
    secrets="deny",
    labels=(("org.opencontainers.image.source", "https://github.com/acme/*"),),
)
RUN = {"User": "app", "Labels": {"org.opencontainers.image.source": "https://github.com/acme/app"}}
PASSWD = b"root:x:0:0:root:/root:/sbin/nologin\napp:x:65532:65532::/app:/sbin/nologin\n"
BASE = tree(
    member("etc/", mode=0o755, kind=tarfile.DIRTYPE), member("etc/passwd", PASSWD), member("run", b"ELF", mode=0o555)
)


@pytest.fixture(scope="module")
def wish(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compiled")
    folder.chmod(0o700)
    return ImageWish(search=partial(Scanner, cache=folder), threads=2)


def judged(wish, *layers, rule=EVERYTHING, run=RUN, **image):
    place = MemoryPlace()
    made = place.image([BASE, *layers], run=run, **image)
    return judge(place.pointing_at(made), signed_statement(made), policy=image_policy(image=rule), wish=wish)


def test_an_image_that_has_nothing_that_it_should_not_is_accepted(wish):
    found = judged(wish, tree(member("data", b"x")))
    assert errors(found) == []
    assert found.verdict.decision is Decision.PASSED


BUSYBOX = member("bin/busybox", b"ELF", mode=0o755)
ATTACKS = {
    "a shell": (tree(BUSYBOX, member("bin/sh", kind=tarfile.SYMTYPE, target="busybox")), ["image.shell-present"] * 2),
    "a package manager": (tree(member("usr/bin/apt-get", b"ELF", mode=0o755)), ["image.package-manager-present"]),
    "setuid": (tree(member("usr/bin/su", b"ELF", mode=0o4755)), ["image.setuid-file"]),
    "an open folder": (tree(member("data", mode=0o777, kind=tarfile.DIRTYPE)), ["image.setuid-file"]),
    "a device": (tree(member("dev/sda", mode=0o660, kind=tarfile.BLKTYPE)), ["image.device-file"]),
    "a user who becomes root": (tree(member("etc/passwd", b"app:x:0:0::/:/bin/false\n")), ["image.user-root"]),
    "a user who is removed": (tree(removed=("etc/passwd",)), ["image.user-root"]),
}


UNSEARCHED = replace(EVERYTHING, secrets="allow")
"""Beginning a search takes a second."""


@pytest.mark.parametrize(("layer", "codes"), ATTACKS.values(), ids=ATTACKS)
def test_what_it_should_not_have_denies_it(layer, codes):
    assert errors(judged(None, layer, rule=UNSEARCHED)) == codes


@pytest.mark.parametrize(("path", "content"), [("app.env", f"X={GITHUB}"), ("root/.netrc", OURS["root/.netrc"])])
def test_a_secret_denies_it(wish, path, content):
    assert errors(judged(wish, tree(member(path, content.encode())))) == ["image.secret"]


def test_a_secret_that_a_later_layer_deletes_is_in_the_image_all_the_same(wish):
    found = judged(wish, tree(member("root/.npmrc", OURS["app/.npmrc"].encode())), tree(removed=("root/.npmrc",)))
    (reason,) = [each for each in found.verdict.reasons if each.is_error]
    assert (reason.code, reason.subject) == ("image.secret", "linux/amd64: /root/.npmrc:1")
    assert "layer 1" in reason.message


def test_what_a_later_layer_takes_away_is_told_and_does_not_deny():
    su = tree(member("usr/bin/su", b"ELF", mode=0o4755))
    found = judged(None, su, tree(removed=("usr/bin/su",)), rule=UNSEARCHED)
    assert errors(found) == []
    assert "image.setuid-file" in [each.code for each in found.verdict.reasons]


def test_a_secret_of_the_config_denies(wish):
    assert errors(judged(wish, run={**RUN, "Env": [f"DB_PASSWORD={PASSWORD}"]})) == ["image.secret"]


def test_nothing_of_a_secret_is_in_the_verdict(wish):
    found = judged(wish, tree(*(member(path, text.encode()) for path, text in OURS.items())))
    assert set(errors(found)) == {"image.secret"}
    assert PASSWORD[:6] not in repr(found)


def test_another_label_denies():
    assert errors(judged(None, rule=UNSEARCHED, run={"User": "app"})) == ["image.label-missing"]


def test_a_user_who_is_named_is_looked_up_without_any_other_wish():
    rule = ImageRule(user="non-root")
    assert errors(judged(None, rule=rule)) == []
    assert errors(judged(None, rule=rule, run={"User": "nobody"})) == ["image.user-root"]
    assert errors(judged(None, rule=rule, run={})) == ["image.user-root"]


def test_a_user_who_is_a_number_needs_no_layers():
    place = MemoryPlace()
    made = place.image([BASE], run={"User": "65532"})
    policy = image_policy(image=ImageRule(user="non-root"))
    assert errors(judge(place.pointing_at(made), signed_statement(made), policy=policy)) == []
    assert len([line for line in place.asked if "blobs" in line]) == 1


def test_who_searches_nothing_has_found_nothing():
    found = judged(None, rule=ImageRule(secrets="deny"))
    assert errors(found) == ["image.not-inspected"]


def test_windows_is_judged_where_it_can_be_and_nowhere_else(wish):
    windows = partial(judged, wish, platform="windows/amd64", run={**RUN, "User": "ContainerUser"})
    assert errors(windows(rule=ImageRule(secrets="deny", labels=EVERYTHING.labels))) == []
    assert set(errors(windows())) == {"image.unsupported"}


def test_each_platform_of_an_index_is_judged():
    place = MemoryPlace()
    good = place.image([BASE], run=RUN)
    bad = place.image([BASE, ATTACKS["a shell"][0]], platform="linux/arm64", run=RUN)
    index = place.index(good, bad)
    found = judge(place.pointing_at(index), signed_statement(index), policy=image_policy(image=UNSEARCHED))
    assert {(each.code, each.subject.partition(":")[0]) for each in found.verdict.reasons if each.is_error} == {
        ("image.shell-present", "linux/arm64")
    }


def test_what_nobody_signed_is_not_looked_into(wish):
    place = MemoryPlace()
    made = place.image([BASE, ATTACKS["a shell"][0]], run=RUN)
    found = judge(place.pointing_at(made), policy=image_policy(image=EVERYTHING), wish=wish)
    assert "image.shell-present" not in errors(found)
    assert "signature.missing" in errors(found)
    assert not [line for line in place.asked if "blobs" in line]
