"""Ways that somebody else can change."""

import grp
import os
from types import SimpleNamespace

import pytest

from tests.support.peers.privileges import AS_ROOT
from verifier.files import place
from verifier.files.place import exchanges, is_ours_alone

US = os.geteuid()
SOMEBODY, GROUP = 54_321, 54_322


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir(mode=0o700)
    (made / "inner").mkdir()
    (made / "inner" / "file").write_bytes(b"")
    (made / "inner" / "file").chmod(0o644)
    return made


@pytest.fixture
def file(folder):
    return folder / "inner" / "file"


def found(path, **options):
    return [(each.step, each.who, each.anybody) for each in exchanges(path, **options)]


def test_what_is_ours_below_what_is_ours_or_the_systems_nobody_else_exchanges(file):
    assert found(file) == found(file.parent) == []


@pytest.mark.parametrize("mode", [0o777, 0o702, 0o703])
def test_everybody_exchanges_what_stands_in_a_folder_that_everybody_may_write_to(folder, file, mode):
    folder.chmod(mode)
    assert found(file) == [(folder / "inner", "everybody", True)]


def test_everybody_exchanges_a_file_that_everybody_may_write_to(file):
    file.chmod(0o666)
    assert found(file) == [(file, "everybody", True)]


@AS_ROOT
@pytest.mark.parametrize("which", ["folder", "inner", "file"])
def test_whoever_owns_a_step_exchanges_it(folder, file, which):
    step = {"folder": folder, "inner": folder / "inner", "file": file}[which]
    os.chown(step, SOMEBODY, -1)
    exchanged = {"folder": folder / "inner", "inner": file, "file": file}[which]
    assert found(file) == [(exchanged, f"the user {SOMEBODY}", False)]


@AS_ROOT
@pytest.mark.parametrize("which", ["folder", "inner", "file"])
def test_so_does_a_group_that_may_write_to_it(folder, file, which):
    step = {"folder": folder, "inner": folder / "inner", "file": file}[which]
    os.chown(step, -1, GROUP)
    step.chmod(step.stat().st_mode | 0o020)
    assert [who for _, who, _ in found(file)] == [f"the group {GROUP}"]


@AS_ROOT
def test_with_the_sticky_bit_only_what_is_not_ours_can_be_exchanged(folder, file):
    folder.chmod(0o1777)
    assert found(file) == []
    os.chown(folder / "inner", SOMEBODY, -1)
    assert found(file)[0] == (folder / "inner", "everybody", True)


@AS_ROOT
def test_the_sticky_bit_does_not_hold_back_the_owner_of_the_folder(folder, file):
    folder.chmod(0o1755)
    os.chown(folder, SOMEBODY, -1)
    assert found(file) == [(folder / "inner", f"the user {SOMEBODY}", False)]


def test_what_has_files_beside_it_needs_a_folder_of_its_own(file):
    file.parent.chmod(0o1777)
    assert found(file) == []
    assert found(file, alone=True) == [(file, "everybody", True)]


@pytest.mark.parametrize("absolute", [True, False])
def test_a_link_counts_where_it_stands_and_where_it_leads(folder, file, tmp_path, absolute):
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "link"
    link.symlink_to(folder / "inner" if absolute else "../folder/inner")
    way = link / ".." / "inner" / "file"
    assert found(link / "file") == found(way) == []
    folder.chmod(0o777)
    assert [step for step, _, _ in found(link / "file")] == [folder / "inner"]
    folder.chmod(0o700)
    (tmp_path / "links").chmod(0o777)
    assert [step for step, _, _ in found(link / "file")] == [link]


def test_what_is_missing_whoever_may_write_to_its_folder_can_put_there(file):
    missing = file.with_name("missing")
    assert found(missing) == []
    file.parent.chmod(0o1777)
    assert found(missing) == [(missing, "everybody", True)]


def test_links_in_a_circle_and_what_is_missing_are_for_whoever_opens_them(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert found(tmp_path / "one") == found(tmp_path / "missing" / "file") == found(tmp_path / "\0") == []


class TestGroups:
    """Which group is nobody else's."""

    @pytest.fixture
    def shared(self, file, monkeypatch):
        """A file that its group may write to, which is one of ours: named and with these members."""
        file.chmod(0o664)
        group = file.stat().st_gid
        monkeypatch.setattr(os, "getgroups", lambda: [group])

        def shared(name, *members):
            def named(asked):
                if name is None:
                    raise KeyError(asked)
                return SimpleNamespace(gr_name=name, gr_mem=list(members))

            monkeypatch.setattr(grp, "getgrgid", named)
            return found(file)

        monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name="ada"))
        return shared

    def test_the_users_private_group_is(self, shared):
        assert shared("ada") == shared("ada", "ada") == []

    def test_the_group_of_a_volume_is_which_has_no_name_here(self, shared):
        assert shared(None) == []

    @pytest.mark.parametrize(("name", "members"), [("ada", ["eve"]), ("staff", []), ("staff", ["ada"])])
    def test_a_group_that_others_are_in_is_not(self, shared, name, members):
        assert [anybody for _, _, anybody in shared(name, *members)] == [False]

    def test_a_group_that_is_not_this_process_is_not(self, shared, monkeypatch):
        monkeypatch.setattr(os, "getgroups", list)
        monkeypatch.setattr(os, "getegid", lambda: GROUP)
        assert len(shared("ada")) == 1


def test_whoever_owns_the_root_is_the_system(file, monkeypatch):
    """In a user namespace that is a number which stands for everybody outside."""
    monkeypatch.setattr(os, "geteuid", lambda: SOMEBODY)
    owner, status = US or SOMEBODY + 1, os.stat
    assert bool(found(file)) == (US != 0)
    monkeypatch.setattr(place.os, "stat", lambda path, **_: SimpleNamespace(st_uid=US) if path == "/" else status(path))
    assert found(file) == []
    assert owner


def test_ours_alone_is_ours_and_nobody_elses(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "file").chmod(0o600)
    status = (tmp_path / "file").stat()
    assert is_ours_alone(status)
    monkeypatch.setattr(os, "geteuid", lambda: status.st_uid + 1)
    assert not is_ours_alone(status)
