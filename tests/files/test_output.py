"""Outputs: never onto what is read, nor onto what is somebody else's."""

import os
import socket
import threading
from pathlib import Path

import pytest

from tests.support.material import private_pem, public_pem
from verifier.core.errors import ConfigurationError
from verifier.files.output import OutputKind, Outputs

GZIP = b"\x1f\x8b\x08 an archive"
DSSE = b'{"payload":"","payloadType":"x","signatures":[]}'
SIGSTORE = b'{\n  "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json"}'
ARCHIVE, ATTESTATION, LOADED = OutputKind.ARCHIVE, OutputKind.ATTESTATION, OutputKind.LOADED


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


pytestmark = pytest.mark.usefixtures("here")


def outputs(**inputs):
    return Outputs({f"--{name}": (Path(path),) for name, path in inputs.items()})


def refuses(places, path, kind=ATTESTATION, match="is not overwritten"):
    with pytest.raises(ConfigurationError, match=match):
        places.place("--out", Path(path), kind)


class TestWhatIsRead:
    @pytest.mark.parametrize("content", [GZIP, DSSE, b"", b"text"])
    def test_is_not_overwritten_whatever_it_is(self, here, content):
        (here / "in").write_bytes(content)
        refuses(outputs(key="in"), "in", match="what --key names")

    @pytest.mark.parametrize(
        "way", ["./in", "../{name}/in", "folder/../in", "link", "hard", "to the folder/in", "link to a link"]
    )
    def test_by_no_way_that_leads_there(self, here, way):
        (here / "in").write_bytes(DSSE)
        (here / "folder").mkdir()
        (here / "link").symlink_to("in")
        (here / "link to a link").symlink_to("link")
        (here / "hard").hardlink_to("in")
        (here / "to the folder").symlink_to(here)
        refuses(outputs(key="in"), way.format(name=here.name), match="what --key names")

    def test_nor_where_it_was_named_by_a_link(self, here):
        (here / "in").write_bytes(DSSE)
        (here / "link").symlink_to("in")
        refuses(outputs(key="link"), "in", match="what --key names")

    def test_nor_where_it_is_not_there_yet(self):
        refuses(outputs(ledger="ledger.db"), "./ledger.db", match="what --ledger names")

    def test_nor_by_a_descriptor(self, here):
        (here / "in").write_bytes(DSSE)
        with (here / "in").open("r+b") as stream:
            refuses(outputs(key="in"), f"/dev/fd/{stream.fileno()}", match="what --key names")

    @pytest.mark.parametrize("path", ["src/x", "src/a/b/x", "link/x", "src/../src/x"])
    def test_nothing_is_written_into_a_folder_that_is_read(self, here, path):
        (here / "src" / "a" / "b").mkdir(parents=True)
        (here / "link").symlink_to("src")
        refuses(outputs(bundle="src"), path, match="lies within what --bundle names")

    def test_beside_such_a_folder_is_free(self, here):
        (here / "src").mkdir()
        outputs(bundle="src").place("--out", Path("src.json"), ATTESTATION).write(DSSE)
        assert (here / "src.json").read_bytes() == DSSE

    def test_it_is_asked_again_before_it_is_written(self, here):
        (here / "in").write_bytes(DSSE)
        output = outputs(key="in").place("--out", Path("out"), ATTESTATION)
        (here / "out").hardlink_to("in")
        with pytest.raises(ConfigurationError, match="what --key names"):
            output.write(b"new")
        assert (here / "in").read_bytes() == DSSE


class TestTwoOutputs:
    @pytest.mark.parametrize("other", ["a", "./a", "A", "link", "folder/../a"])
    def test_are_never_one(self, here, other):
        (here / "folder").mkdir()
        (here / "link").symlink_to("a")
        places = outputs()
        places.place("--detached", Path("a"), ATTESTATION)
        refuses(places, other, match="where --detached goes")

    def test_nor_one_name_in_two_of_unicodes_forms(self):
        places = outputs()
        places.place("--detached", Path("caf\u00e9"), ATTESTATION)
        refuses(places, "cafe\u0301", match="where --detached goes")

    def test_nor_is_one_the_answer_on_standard_output(self):
        places = outputs()
        places.reserve_standard_output("the report")
        refuses(places, "/dev/stdout", match="where the report goes")

    def test_are_two_where_they_are(self, here):
        places = outputs()
        for name in ("a", "b"):
            places.place(f"--{name}", Path(name), ATTESTATION).write(DSSE)
        assert sorted(path.name for path in here.iterdir()) == ["a", "b"]


FOREIGN = {
    "a private key": private_pem("p256"),
    "a public key": public_pem("p256"),
    "a policy": b"version = 1\n",
    "a ledger": b"SQLite format 3\0" + bytes(100),
    "a module": b"package a\n",
    "notes": "äöü\n".encode() * 3000,
    "notes about it": b"# policy-verifier\n",
    "a project that needs it": b'[project]\nname = "x"\ndependencies = ["policy-verifier"]\n',
    "settings that name it": b'{"dependencies": {"policy-verifier": "1.0"}}',
    "another's tests": b'<?xml version="1.0"?><testsuites name="policy-verifier"/>',
}


class TestWhatIsSomebodyElses:
    @pytest.mark.parametrize("kind", [ARCHIVE, ATTESTATION, LOADED, OutputKind.REPORT])
    @pytest.mark.parametrize("name", FOREIGN)
    def test_is_not_overwritten(self, here, kind, name):
        (here / "out").write_bytes(FOREIGN[name])
        refuses(outputs(), "out", kind, match="of an earlier run")
        assert (here / "out").read_bytes() == FOREIGN[name]

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            (ATTESTATION, GZIP),
            (ARCHIVE, DSSE),
            (ATTESTATION, b'{"x": 1}'),
            (ATTESTATION, b'{"mediaType": "application/vnd.dev.sigstore.trustedroot+json"}'),
        ],
    )
    def test_nor_is_an_output_of_another_kind(self, here, kind, content):
        (here / "out").write_bytes(content)
        refuses(outputs(), "out", kind, match="of an earlier run")

    @pytest.mark.parametrize(
        ("kind", "content"),
        [
            (ATTESTATION, DSSE),
            (ATTESTATION, SIGSTORE),
            (ATTESTATION, b""),
            (ARCHIVE, GZIP),
            (ARCHIVE, b""),
            (LOADED, GZIP),
            (LOADED, b"\x00\x01\x02 damaged"),
            (LOADED, b"\xff\xfe"),
        ],
    )
    def test_an_earlier_output_is_replaced(self, here, kind, content):
        (here / "out").write_bytes(content)
        outputs().place("--out", Path("out"), kind).write(b"new")
        assert (here / "out").read_bytes() == b"new"

    def test_a_link_is_replaced_and_not_followed(self, here):
        (here / "old").write_bytes(DSSE)
        (here / "out").symlink_to("old")
        outputs().place("--out", Path("out"), ATTESTATION).write(b"new")
        assert ((here / "old").read_bytes(), (here / "out").read_bytes()) == (DSSE, b"new")
        assert not (here / "out").is_symlink()


class TestWhatIsNoFile:
    def test_a_folder_is_none(self, here):
        (here / "folder").mkdir()
        refuses(outputs(), "folder", match="is a folder")

    def test_a_socket_is_none(self):
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
            refuses(outputs(), "socket", match="is a socket")

    def test_the_null_device_stays_one(self):
        outputs().place("--out", Path(os.devnull), ATTESTATION).write(DSSE)
        assert Path(os.devnull).is_char_device()

    def test_two_outputs_may_go_nowhere(self):
        places = outputs()
        for option in ("--out", "--detached"):
            places.place(option, Path(os.devnull), ATTESTATION).write(DSSE)

    def test_a_pipe_is_written_through(self, here):
        os.mkfifo("pipe")
        read = []
        reader = threading.Thread(target=lambda: read.append((here / "pipe").read_bytes()))
        reader.start()
        outputs().place("--out", Path("pipe"), ATTESTATION).write(DSSE)
        reader.join()
        assert read == [DSSE]
        assert (here / "pipe").is_fifo()

    def test_a_descriptor_is_written_through_where_it_stands(self, here):
        with (here / "file").open("w+b", buffering=0) as stream:
            stream.write(b"before ")
            outputs().place("--out", Path(f"/dev/fd/{stream.fileno()}"), ATTESTATION).write(DSSE)
        assert (here / "file").read_bytes() == b"before " + DSSE

    @pytest.mark.parametrize("path", ["/dev/full", "/dev/fd/9999", "nowhere/out", "a" * 300, "nul\0"])
    def test_what_cannot_be_written_is_an_error(self, here, path):
        with pytest.raises(ConfigurationError, match="cannot be written"):
            outputs().place("--out", Path(path), ATTESTATION).write(DSSE * 10_000)
        assert list(here.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o400, 0o600])
def test_a_file_has_the_permissions_that_it_is_to_have(here, mode):
    outputs().place("--out", Path("out"), ATTESTATION).write(DSSE, mode=mode)
    assert (here / "out").stat().st_mode & 0o777 == mode & ~_umask()


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask
