"""Looking at what is to be signed: directories, archives, files, and what is let in."""

import gzip
import subprocess

import pytest

from tests.support.material import codes, private_pem
from tests.support.peers.peers import executable
from verifier.archives.pack import pack_directory, pack_members
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.publish.leaks.look import Admission, examine, examine_archive, examine_document, examine_file

KEY = private_pem("ed25519")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "src" / "a").mkdir(parents=True)
    (tmp_path / "src" / ".manifest").write_bytes(b"{}")
    (tmp_path / "src" / "a" / "data.json").write_bytes(b'{"x": 1}')
    return tmp_path / "src"


def put(folder, path, content=b"x"):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)


def looked(folder, *include, limits=DEFAULT_LIMITS, **secrets):
    return examine(folder, limits=limits, admission=Admission(include, secrets))


def refused(examined):
    with pytest.raises(Refused) as caught:
        examined.require_fit()
    return [(reason.code, reason.subject) for reason in caught.value.reasons]


def test_an_honest_directory_is_packed_as_it_always_was(folder):
    examined = looked(folder)
    examined.require_fit()
    assert examined.content == pack_directory(folder, limits=DEFAULT_LIMITS)
    assert [(entry.path, entry.size) for entry in examined.entries] == [(".manifest", 2), ("a/data.json", 8)]
    assert all(entry.digest for entry in examined.entries)
    assert examined.warnings() == ()


def test_an_archive_is_looked_at_as_its_directory_is(folder):
    put(folder, "a/x.json", KEY)
    put(folder, "sub/.env")
    packed = pack_directory(folder, limits=DEFAULT_LIMITS)
    (folder.parent / "x.tar.gz").write_bytes(packed)
    expected = [("leak.private-key", "a/x.json"), ("leak.environment", "sub/.env")]
    assert refused(looked(folder)) == refused(looked(folder.parent / "x.tar.gz")) == expected


def test_a_folder_that_is_refused_is_not_entered(folder):
    for number in range(40):
        put(folder, f".git/objects/{number:02}/x", b"x" * 1000)
    put(folder, "deep/" * 30 + ".svn/entries")
    examined = looked(folder, limits=Limits(members=10))
    assert refused(examined) == [("leak.version-control", ".git"), ("leak.version-control", "deep/" * 30 + ".svn")]


def test_a_worktrees_git_file_is_version_control_too(folder):
    put(folder, ".git", b"gitdir: /home/me/repo/.git/worktrees/x\n")
    assert refused(looked(folder)) == [("leak.version-control", ".git")]


def test_a_file_is_named_for_each_thing_that_is_wrong_with_it(folder):
    put(folder, "id_rsa", KEY + b"\nghp_" + b"aB3dE5gH7j" * 4)
    assert refused(looked(folder)) == [("leak.private-key", "id_rsa"), ("leak.credentials", "id_rsa")]


def test_what_an_option_names_as_a_secret_is_refused_whatever_it_is_called(folder):
    put(folder, "a/words.txt", b"correct horse battery staple")
    (folder.parent / "phrase").hardlink_to(folder / "a" / "words.txt")
    examined = looked(folder, **{"--passphrase-file": folder.parent / "phrase"})
    assert refused(examined) == [("leak.private-key", "a/words.txt")]


def test_links_are_refused_before_anything_is_looked_at(folder):
    (folder / "a" / "x").symlink_to("/etc/hostname")
    with pytest.raises(Refused) as caught:
        looked(folder)
    assert codes(caught) == ["archive.special-member"]


def test_a_refusal_names_twenty_files_and_says_that_there_are_more(folder):
    for number in range(25):
        put(folder, f"a/{number:02}.key")
    found = refused(looked(folder))
    assert len(found) == 21
    with pytest.raises(Refused, match=r"private-key") as caught:
        looked(folder).require_fit()
    assert caught.value.reasons[-1].message == "and 5 more files; --list names them all"


def test_a_refusal_repeats_nothing_of_the_secret(folder):
    put(folder, "a/x.json", KEY)
    with pytest.raises(Refused) as caught:
        looked(folder).require_fit()
    assert KEY.splitlines()[1].decode() not in str(caught.value.reasons)


class TestLettingIn:
    @pytest.mark.parametrize(
        "pattern", ["a/k.pem", "*.pem", "a/*", "a", "/a/k.pem", "./a/k.pem", "a/k.*", "k.pem", "*", "a/k.pe[m]"]
    )
    def test_a_pattern_names_a_path_a_name_or_a_folder(self, folder, pattern):
        put(folder, "a/k.pem", KEY)
        admission = Admission((pattern,))
        examined = examine(folder, limits=DEFAULT_LIMITS, admission=admission)
        examined.require_fit()
        admission.require_used()
        (warning,) = examined.warnings()
        assert (warning.code, warning.subject) == ("leak.included", "a/k.pem")
        assert "private key" in warning.message

    @pytest.mark.parametrize("pattern", ["b/k.pem", "k", "*.key", "A/K.PEM", "", "k.pem/x"])
    def test_another_pattern_does_not(self, folder, pattern):
        put(folder, "a/k.pem", KEY)
        assert refused(looked(folder, pattern)) == [("leak.private-key", "a/k.pem")]

    def test_one_is_let_in_and_the_others_are_not(self, folder):
        put(folder, "a/k.pem", KEY)
        put(folder, "b/k.pem", KEY)
        assert refused(looked(folder, "a/k.pem")) == [("leak.private-key", "b/k.pem")]

    def test_a_folder_that_is_let_in_is_entered(self, folder):
        put(folder, ".regal/config.yaml")
        examined = looked(folder, ".regal")
        examined.require_fit()
        assert [each.subject for each in examined.warnings()] == [".regal/config.yaml"]

    def test_a_pattern_that_lets_nothing_in_is_an_error(self, folder):
        admission = Admission(("a/data.json",))
        examine(folder, limits=DEFAULT_LIMITS, admission=admission)
        with pytest.raises(ConfigurationError, match="lets in nothing"):
            admission.require_used()

    def test_what_is_let_in_is_the_same_archive(self, folder):
        put(folder, ".env")
        assert looked(folder, ".env").content == pack_directory(folder, limits=DEFAULT_LIMITS)

    def test_the_hint_names_the_very_file(self, folder):
        put(folder, "a/[x]*.key")
        with pytest.raises(Refused) as caught:
            looked(folder).require_fit()
        hint = caught.value.reasons[0].hint
        pattern = hint.split("--include ")[1].strip("'.")
        looked(folder, pattern).require_fit()


def test_a_file_is_looked_at_by_name_and_content(tmp_path):
    for name, content, code in (("release", KEY, "leak.private-key"), (".npmrc", b"x", "leak.credentials")):
        (tmp_path / name).write_bytes(content)
        assert refused(examine_file(tmp_path / name, limits=DEFAULT_LIMITS, admission=Admission())) == [(code, name)]


def test_a_file_may_be_packed(tmp_path):
    (tmp_path / "app.tar.gz").write_bytes(pack_members([("x", b"y")]))
    examine_file(tmp_path / "app.tar.gz", limits=DEFAULT_LIMITS, admission=Admission()).require_fit()


def test_a_packed_file_within_a_bundle_is_not_signed_unseen(folder):
    put(folder, "a/more.bin", gzip.compress(KEY))
    assert refused(looked(folder)) == [("leak.unexamined", "a/more.bin")]


def test_a_document_is_looked_at_by_what_it_says():
    examined = examine_document(
        b'{"env": {"TOKEN": "ghp_' + b"aB3dE5gH7j" * 4 + b'"}}', subject="p.json", admission=Admission()
    )
    assert refused(examined) == [("leak.credentials", "p.json")]


def test_an_archive_that_cannot_be_read_is_refused_as_ever():
    with pytest.raises(Refused) as caught:
        examine_archive(b"junk", limits=DEFAULT_LIMITS, admission=Admission())
    assert codes(caught)[0].startswith("archive.")


def test_a_genuine_repository_is_refused(folder):
    subprocess.run([executable("git", "GIT"), "init", "-q", folder], check=True)
    assert refused(looked(folder)) == [("leak.version-control", ".git")]
