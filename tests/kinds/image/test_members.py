"""Files that give others' rights, and devices: the final tree denies, and what a later layer takes away is a note."""

import pytest

from tests.support.images.inside import config, judged, only, platform_image, said, undecided
from tests.support.images.tables import device, file, folder, hard, layer, link, program
from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.core.outcome import NotApplicable, Passed
from verifier.kinds.image.checks import devices, setuid
from verifier.trust.sections.image import ImageRule

NO_SETUID = ImageRule(setuid="deny")
NO_DEVICES = ImageRule(devices="deny")


def rights(*layers, platform="linux/amd64"):
    return judged(setuid.check, NO_SETUID, platform_image(*layers, config=config(platform)))


def device_files(*layers, platform="linux/amd64"):
    return judged(devices.check, NO_DEVICES, platform_image(*layers, config=config(platform)))


HARMLESS = layer(
    folder("tmp", 0o1777),
    folder("var/mail", 0o2775),
    folder("srv", 0o3777),
    file("etc/notes", 0o666),
    program("app", 0o555),
    link("bin", "usr/bin"),
)


def test_an_image_without_either_passes():
    assert isinstance(rights(HARMLESS), Passed)
    assert isinstance(device_files(HARMLESS), Passed)


BAD = {
    "setuid": program("x", 0o4755),
    "setgid": program("x", 0o2755),
    "setuid that nobody may execute": file("x", 0o4600),
    "capabilities": program("x", capability=True),
    "an open folder": folder("x", 0o777),
    "a folder open to others": folder("x", 0o702),
}


@pytest.mark.parametrize("entry", BAD.values(), ids=BAD)
def test_what_gives_others_rights_is_denied(entry):
    reason = only(rights(HARMLESS, layer(entry)))
    assert (reason.code, reason.subject) == ("image.setuid-file", "linux/amd64: /x")
    assert "layer 1" in reason.message


def test_a_hard_link_has_the_bits_of_what_it_names():
    found = rights(layer(program("bin/su", 0o4755)), layer(hard("app/x", "bin/su")), layer(removed=["bin/su"]))
    assert said(found) == ["image.setuid-file", "?image.setuid-file"]


def test_a_hard_link_with_bits_of_its_own_is_refused_before_it_can_lend_them():
    with pytest.raises(Refused) as refused:
        rights(layer(program("tool")), layer(hard("x", "tool", 0o4755)))
    assert codes(refused) == ["archive.malformed"]


def test_a_folder_that_a_later_layer_opens_is_denied():
    assert said(rights(layer(folder("data")), layer(folder("data", 0o777)))) == ["image.setuid-file"]


GONE = {
    "removed": layer(removed=["x"]),
    "replaced": layer(program("x")),
    "replaced by a link": layer(link("x", "/bin/true")),
    "replaced by a folder": layer(folder("x")),
}


@pytest.mark.parametrize("later", GONE.values(), ids=GONE)
def test_what_a_later_layer_takes_away_is_a_note(later):
    outcome = rights(layer(program("x", 0o4755)), later)
    assert isinstance(outcome, Passed)
    assert said(outcome) == ["?image.setuid-file"]
    outcome = device_files(layer(device("x")), later)
    assert isinstance(outcome, Passed)
    assert said(outcome) == ["?image.device-file"]


def test_what_comes_back_is_denied():
    found = rights(layer(program("x", 0o4755)), layer(removed=["x"]), layer(program("x", 0o4755)))
    assert said(found) == ["image.setuid-file", "?image.setuid-file"]


@pytest.mark.parametrize("kind", ["character", "block"])
def test_a_device_is_denied(kind):
    reason = only(device_files(layer(device("dev/sda", kind))))
    assert (reason.code, reason.subject) == ("image.device-file", "linux/amd64: /dev/sda")


def test_a_hard_link_to_a_device_is_a_device():
    found = device_files(layer(device("dev/mem"), hard("app/x", "dev/mem")), layer(removed=["dev/mem"]))
    assert said(found) == ["image.device-file", "?image.device-file"]


def test_a_pipe_is_no_device():
    assert isinstance(device_files(layer(device("run/pipe", "fifo"))), Passed)


def test_many_are_counted_and_the_first_are_named():
    gone = rights(layer(*(program(f"{each:03}", 0o4755) for each in range(50))), layer(opaque=[""]))
    assert isinstance(gone, Passed)
    assert len(gone.reasons) == 21


def test_layers_that_were_not_read_are_no_pass():
    unread = platform_image(None, config=config())
    assert undecided(judged(setuid.check, NO_SETUID, unread)) == ["image.not-inspected"]
    assert undecided(judged(devices.check, NO_DEVICES, unread)) == ["image.not-inspected"]


def test_windows_is_not_decided():
    assert undecided(rights(HARMLESS, platform="windows/amd64")) == ["image.unsupported"]
    assert undecided(device_files(HARMLESS, platform="windows/amd64")) == ["image.unsupported"]


def test_a_rule_that_does_not_ask_has_nothing_to_judge():
    bad = platform_image(layer(program("x", 0o4755), device("y")))
    assert isinstance(judged(setuid.check, NO_DEVICES, bad), NotApplicable)
    assert isinstance(judged(devices.check, NO_SETUID, bad), NotApplicable)
