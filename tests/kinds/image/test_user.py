"""An image that runs as root is denied, however its config says so, or leaves it to /etc/passwd."""

import pytest

from tests.support.images.inside import config, judged, only, platform_image, said, undecided
from tests.support.images.tables import file, layer, link
from verifier.core.outcome import NotApplicable, Passed
from verifier.kinds.image.accounts import MAX_ACCOUNT_BYTES, MAX_FILES, AccountFile, Accounts
from verifier.kinds.image.checks import user
from verifier.trust.sections.image import ImageRule

RULE = ImageRule(user="non-root")
PASSWD = b"root:x:0:0::/root:/bin/sh\napp:x:1000:0::/:/bin/false\n"


def by(name, passwd=PASSWD):
    tables = layer(file("etc/passwd")) if passwd is not None else layer()
    return judged(user.check, RULE, platform_image(tables, config=config(user=name), passwd=passwd))


@pytest.mark.parametrize("name", ["65532", "65532:65532", "1000:0", "007", "2147483647", "app", "app:root"])
def test_a_user_of_ones_own_passes(name):
    assert isinstance(by(name), Passed)


ROOTS = ["", "0", "root", "0:0", "0:1000", "root:wheel", ":1000", "00", "+0", "-0", "0000000000000"]


@pytest.mark.parametrize("name", ROOTS)
def test_root_is_denied_in_every_spelling(name):
    assert said(by(name)) == ["image.user-root"]


@pytest.mark.parametrize("name", ["2147483648", "4294967296", "4294967295", "-1", "9" * 100_000])
def test_a_number_that_some_runtime_takes_for_root_is_denied(name):
    reason = only(by(name))
    assert reason.code == "image.user-root"
    assert len(reason.message) < 200


@pytest.mark.parametrize("name", ["nobody", " ", "0x0", "1_000", "٣", "ro\u200bot", "App", "app\n", "#app"])
def test_a_name_that_passwd_does_not_have_is_denied(name):
    assert said(by(name, PASSWD + b"#app:x:7:7::/:\n")) == ["image.user-root"]


LINES = {
    "of root": b"app:x:0:0::/:",
    "of no number": b"app:x::0::/:",
    "of a word": b"app:x:one:0::/:",
    "that is cut": b"app:x",
    "of too high a number": b"app:x:4294967296:0::/:",
    "behind blanks": b"  app:x:0:0::/:",
    "that contradicts another": b"app:x:1000:0::/:\napp:x:0:0::/:",
    "behind blanks of other alphabets": "\u00a0\u2003app:x:0:0::/:\napp:x:1000:0::/:".encode(),
    "behind a control character that is a blank": "\u0085app:x:0:0::/:\napp:x:1000:0::/:".encode(),
    "with a carriage return": b"other:x:5:5::/:\r\napp:x:0:0::/:\r",
}


@pytest.mark.parametrize("passwd", LINES.values(), ids=LINES)
def test_a_line_makes_a_name_root(passwd):
    assert said(by("app", passwd)) == ["image.user-root"]


def test_an_image_without_passwd_has_no_names():
    assert said(by("app", None)) == ["image.user-root"]


def test_a_numbered_user_needs_no_layers():
    assert isinstance(judged(user.check, RULE, platform_image(None, config=config(user="1000"))), Passed)


def test_a_named_user_is_not_decided_without_layers():
    assert undecided(judged(user.check, RULE, platform_image(None, config=config(user="app")))) == [
        "image.not-inspected"
    ]


def test_a_config_that_was_not_read_is_no_pass():
    assert undecided(judged(user.check, RULE, platform_image(None))) == ["image.not-inspected"]


def test_an_image_of_no_platform_is_no_pass():
    assert undecided(judged(user.check, RULE)) == ["image.not-inspected"]


def test_windows_is_not_decided():
    windows = platform_image(None, config=config("windows/amd64", user="ContainerUser"))
    assert undecided(judged(user.check, RULE, windows)) == ["image.unsupported"]


def test_every_platform_has_its_say():
    good, bad = (
        platform_image(None, config=config(platform, user=name))
        for platform, name in (("linux/amd64", "1000"), ("linux/arm64", "0"))
    )
    assert only(judged(user.check, RULE, good, bad)).subject == "linux/arm64"


def test_a_rule_that_does_not_ask_has_nothing_to_judge():
    outcome = judged(user.check, ImageRule(shells="deny"), platform_image(None, config=config(user="")))
    assert isinstance(outcome, NotApplicable)
    assert isinstance(judged(user.check, None, platform_image(None, config=config(user=""))), NotApplicable)


def keep(accounts, layer_number, path, content, size=None):
    entry = file(path, size=len(content) if size is None else size)
    sink = accounts.of_layer(layer_number)(entry)
    if sink is None:
        return False
    for start in range(0, len(content), 7):
        sink.feed(content[start : start + 7])
    sink.done(entry)
    return True


def test_files_of_accounts_are_kept_as_they_go_by():
    accounts = Accounts()
    assert keep(accounts, 1, "nix/store/x/etc/passwd", b"app:x:5:5::/:")
    assert keep(accounts, 0, "etc/passwd", PASSWD)
    assert not keep(accounts, 0, "etc/passwd-", PASSWD)
    assert not keep(accounts, 0, "usr/bin/xpasswd", PASSWD)
    assert accounts.files == (
        AccountFile(layer=0, path="etc/passwd", content=PASSWD),
        AccountFile(layer=1, path="nix/store/x/etc/passwd", content=b"app:x:5:5::/:"),
    )


def test_what_is_kept_is_bounded_and_the_one_that_counts_is_kept_all_the_same():
    accounts = Accounts()
    assert not keep(accounts, 0, "etc/passwd", b"", MAX_ACCOUNT_BYTES + 1)
    assert [keep(accounts, 0, f"{each}/passwd", b"x") for each in range(MAX_FILES + 2)].count(True) == MAX_FILES
    assert keep(accounts, 1, "etc/passwd", b"x")


def judged_by(*tables, accounts):
    return judged(user.check, RULE, platform_image(*tables, config=config(user="app"), accounts=accounts))


def kept(layer_number, content, path="etc/passwd"):
    return AccountFile(layer=layer_number, path=path, content=content)


GOOD, BAD = b"app:x:1000:0::/:", b"app:x:0:0::/:"


def test_the_passwd_of_the_highest_layer_counts():
    tables = (layer(file("etc/passwd")), layer(file("etc/passwd")))
    assert isinstance(judged_by(*tables, accounts=(kept(0, BAD), kept(1, GOOD))), Passed)
    assert said(judged_by(*tables, accounts=(kept(0, GOOD), kept(1, BAD)))) == ["image.user-root"]


def test_a_passwd_that_a_later_layer_removes_says_nothing():
    removed = judged_by(layer(file("etc/passwd")), layer(removed=["etc/passwd"]), accounts=(kept(0, GOOD),))
    assert said(removed) == ["image.user-root"]


def test_a_passwd_that_is_a_link_is_followed_inside_the_image():
    tables = layer(file("nix/etc/passwd"), link("etc/passwd", "/nix/etc/passwd"), file("nix/other/passwd"))
    files = (kept(0, GOOD, "nix/etc/passwd"), kept(0, BAD, "nix/other/passwd"))
    assert isinstance(judged_by(tables, accounts=files), Passed)
    swapped = (kept(0, BAD, "nix/etc/passwd"), kept(0, GOOD, "nix/other/passwd"))
    assert said(judged_by(tables, accounts=swapped)) == ["image.user-root"]


@pytest.mark.parametrize("target", ["/etc/passwd", "passwd", "/nowhere", "../etc", "../../../../etc/other"])
def test_a_passwd_that_leads_nowhere_says_nothing(target):
    tables = layer(link("etc/passwd", target), file("etc/other"), file("lib/passwd"))
    assert said(judged_by(tables, accounts=(kept(0, GOOD, "lib/passwd"),))) == ["image.user-root"]
