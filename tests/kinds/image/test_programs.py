"""A shell or a package manager in the final tree is found by its name, through links, and nothing else is one."""

import pytest

from tests.support.images.inside import config, judged, only, platform_image, said, undecided
from tests.support.images.tables import device, file, folder, hard, layer, link, program
from verifier.core.outcome import NotApplicable, Passed
from verifier.kinds.image.checks import package_managers, shells
from verifier.kinds.image.checks.package_managers import MANAGERS
from verifier.kinds.image.checks.shells import SHELLS
from verifier.trust.sections.image import ImageRule

NO_SHELL = ImageRule(shells="deny")
NO_MANAGER = ImageRule(package_managers="deny")


def has_shell(*layers, platform="linux/amd64"):
    return judged(shells.check, NO_SHELL, platform_image(*layers, config=config(platform)))


def has_manager(*layers):
    return judged(package_managers.check, NO_MANAGER, platform_image(*layers, config=config()))


DISTROLESS = layer(
    folder("etc"),
    file("etc/passwd"),
    file("var/lib/dpkg/status.d/base"),
    folder("var/lib/dpkg/info"),
    program("app", 0o555),
    file("usr/share/bash-completion/completions/bash"),
    folder("usr/share/zsh"),
    file("usr/share/doc/apt"),
    link("usr/lib/libsh.so", "libsh.so.1"),
)


def test_an_image_without_either_passes():
    assert isinstance(has_shell(DISTROLESS), Passed)
    assert isinstance(has_manager(DISTROLESS), Passed)


@pytest.mark.parametrize("name", sorted(SHELLS))
def test_a_shell_is_denied_wherever_it_lies(name):
    reason = only(has_shell(DISTROLESS, layer(program(f"opt/x/{name}"))))
    assert (reason.code, reason.subject) == ("image.shell-present", f"linux/amd64: /opt/x/{name}")


@pytest.mark.parametrize("name", sorted(MANAGERS))
def test_a_package_manager_is_denied_wherever_it_lies(name):
    assert said(has_manager(layer(program(f"usr/bin/{name}")))) == ["image.package-manager-present"]


@pytest.mark.parametrize("mode", [0o100, 0o010, 0o001, 0o4111])
def test_whoever_may_execute_it_it_is_one(mode):
    assert said(has_shell(layer(program("bin/sh", mode)))) == ["image.shell-present"]


def test_what_nobody_may_execute_is_none():
    assert isinstance(has_shell(layer(program("bin/sh", 0o644), folder("bash"), device("dev/sh"))), Passed)


@pytest.mark.parametrize("target", ["/usr/bin/anything", "../usr/bin/anything", "../../../usr/bin/anything", "step"])
def test_a_link_by_the_name_of_a_shell_is_one_where_it_leads_to_a_program(target):
    found = has_shell(layer(program("usr/bin/anything"), link("bin/sh", target), link("bin/step", "/usr/bin/anything")))
    assert said(found) == ["image.shell-present"]
    assert "a link to /usr/bin/anything" in only(found).message


def test_a_link_over_folders_that_are_links_is_followed():
    usr_merged = layer(
        folder("usr/bin"), link("bin", "usr/bin"), program("usr/bin/tool"), link("usr/bin/sh", "/bin/tool")
    )
    assert said(has_shell(usr_merged)) == ["image.shell-present"]


def test_a_link_to_nothing_or_without_end_is_none():
    circles = (link("bin/sh", "bash"), link("bin/bash", "sh"), link("bin/dash", "/nothing"), link("bin/ash", "/etc"))
    assert isinstance(has_shell(layer(folder("etc"), *circles)), Passed)


def test_a_chain_of_more_links_than_linux_follows_is_none_and_one_less_is():
    def chain(length):
        steps = [link(f"l/{each}", f"{each + 1}") for each in range(length - 1)]
        return layer(*steps, program(f"l/{length - 1}"), link("bin/sh", "../l/0"))

    assert said(has_shell(chain(40))) == ["image.shell-present"]
    assert isinstance(has_shell(chain(41)), Passed)


def test_a_shell_that_a_later_layer_removes_is_none():
    assert isinstance(has_shell(layer(program("bin/sh")), layer(removed=["bin/sh"])), Passed)
    assert isinstance(has_shell(layer(folder("bin"), program("bin/sh")), layer(folder("bin"), opaque=["bin"])), Passed)


def test_a_shell_that_comes_back_is_one():
    found = has_shell(layer(program("bin/sh")), layer(removed=["bin/sh"]), layer(program("bin/sh")))
    assert "layer 2" in only(found).message


def test_a_hard_link_under_another_name_is_known_for_what_it_is():
    hidden = has_shell(
        layer(program("bin/busybox")), layer(hard("app/run", "bin/busybox")), layer(removed=["bin/busybox"])
    )
    assert only(hidden).subject == "linux/amd64: /app/run"
    twice = has_shell(
        layer(program("bin/busybox"), hard("a", "bin/busybox"), hard("b", "a")),
        layer(removed=["bin/busybox", "a"]),
    )
    assert only(twice).subject == "linux/amd64: /b"


@pytest.mark.parametrize(
    "linked",
    [
        (hard("bin/foo", "bin/sh"),),
        (hard("bin/foo", "usr/bin/sh"),),
        (hard("bin/between", "bin/sh"), hard("foo", "usr/bin/between")),
    ],
)
def test_a_hard_link_through_a_folder_that_is_a_link_is_known_for_what_it_is(linked):
    usr_merged = layer(link("bin", "usr/bin"), program("usr/bin/sh"))
    steps = [layer(each) for each in linked]
    found = has_shell(usr_merged, *steps, layer(removed=["usr/bin/sh", "usr/bin/between"]))
    assert "a hard link to /usr/bin/sh" in only(found).message


def test_a_chain_of_hard_links_is_gone_through_once():
    chain = [hard(f"l/{each:05}", f"l/{each - 1:05}") for each in range(1, 20_000)]
    found = has_shell(layer(program("sh"), hard("l/00000", "sh"), *chain), layer(removed=["sh"]))
    assert "19980 more" in found.reasons[-1].message
    assert isinstance(has_shell(layer(program("app"), hard("l/00000", "app"), *chain)), Passed)


def test_all_of_many_are_counted_and_the_first_are_named():
    reasons = has_shell(layer(*(program(f"{each:03}/sh") for each in range(300)))).reasons
    assert len(reasons) == 21
    assert "280 more" in reasons[-1].message


def test_layers_that_were_not_read_are_no_pass():
    unread = platform_image(None, config=config())
    assert undecided(judged(shells.check, NO_SHELL, unread)) == ["image.not-inspected"]
    assert undecided(judged(package_managers.check, NO_MANAGER, unread)) == ["image.not-inspected"]


@pytest.mark.parametrize("platform", ["windows/amd64", "freebsd/amd64", "unknown/unknown"])
def test_another_system_is_not_decided(platform):
    assert undecided(has_shell(layer(program("Files/bin/sh")), platform=platform)) == ["image.unsupported"]


def test_a_config_without_a_platform_is_looked_into_as_linux():
    assert said(has_shell(layer(program("bin/sh")), platform=None)) == ["image.shell-present"]


def test_a_rule_that_does_not_ask_has_nothing_to_judge():
    assert isinstance(judged(shells.check, NO_MANAGER, platform_image(layer(program("bin/sh")))), NotApplicable)
    assert isinstance(judged(package_managers.check, NO_SHELL, platform_image(layer(program("apt")))), NotApplicable)
