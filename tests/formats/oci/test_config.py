"""Configs of images."""

import json

import pytest

from tests.support.material import codes
from verifier.core.errors import Refused
from verifier.formats.oci.config import MAX_ITEMS, HistoryEntry, parse_config, require_layers

HEX = "0123456789abcdef" * 4
ROOTFS = {"type": "layers", "diff_ids": [f"sha256:{HEX}"]}


def read(**members):
    return parse_config(json.dumps({"rootfs": ROOTFS} | members).encode(), subject="s")


def run(**members):
    return read(config=members)


def refusal(call, **members):
    with pytest.raises(Refused) as refused:
        call(**members)
    return codes(refused)[0]


def test_what_an_image_runs_as_is_read():
    found = read(
        architecture="arm64",
        os="linux",
        variant="v8",
        config={
            "User": "65532:65532",
            "Env": ["A=b"],
            "Entrypoint": ["/app"],
            "Cmd": ["-v"],
            "WorkingDir": "/work",
            "Labels": {"a": "b", "empty": ""},
        },
        history=[{"created_by": "COPY", "comment": "c"}, {"empty_layer": True}],
    )
    assert str(found.platform) == "linux/arm64/v8"
    assert [str(each) for each in found.diff_ids] == ROOTFS["diff_ids"]
    assert (found.user, found.env, found.entrypoint, found.command) == ("65532:65532", ("A=b",), ("/app",), ("-v",))
    assert (found.working_dir, found.labels) == ("/work", (("a", "b"), ("empty", "")))
    assert found.history == (HistoryEntry(created_by="COPY", comment="c"), HistoryEntry(empty_layer=True))


@pytest.mark.parametrize("config", [None, {}, {"User": None, "Env": None, "Labels": None, "Cmd": None}])
def test_what_is_left_out_or_null_is_empty(config):
    found = read(config=config, history=None)
    assert (found.user, found.env, found.labels, found.command, found.history) == ("", (), (), (), ())
    assert found.platform is None


def test_an_image_of_no_layers_has_no_diff_ids():
    assert read(rootfs={"type": "layers", "diff_ids": None}).diff_ids == ()


@pytest.mark.parametrize(
    "members",
    [
        {"rootfs": None},
        {"rootfs": []},
        {"rootfs": {"type": "other", "diff_ids": []}},
        {"rootfs": {"type": "layers", "diff_ids": [HEX]}},
        {"rootfs": {"type": "layers", "diff_ids": [None]}},
        {"rootfs": {"type": "layers", "diff_ids": {}}},
        {"rootfs": {"type": "layers", "diff_ids": [f"sha256:{HEX}"] * 2_000}},
        {"config": []},
        {"config": {"User": 0}},
        {"config": {"Env": "A=b"}},
        {"config": {"Env": [1]}},
        {"config": {"Env": ["a"] * (MAX_ITEMS + 1)}},
        {"config": {"Labels": {"a": 1}}},
        {"config": {"Labels": ["a"]}},
        {"config": {"Labels": {str(number): "" for number in range(MAX_ITEMS + 1)}}},
        {"history": {}},
        {"history": [1]},
        {"history": [{"empty_layer": "true"}]},
        {"history": [{"created_by": 1}]},
        {"os": "linux/amd64", "architecture": "x"},
    ],
)
def test_what_it_is_not_is_refused(members):
    assert refusal(read, **members) == "image.malformed"


@pytest.mark.parametrize(
    "members",
    [
        {"Config": {}},
        {"config": {"user": "root"}},
        {"rootfs": ROOTFS | {"Diff_IDs": []}},
        {"history": [{"Empty_Layer": True}]},
        {"OS": "linux"},
    ],
)
def test_a_member_in_another_case_is_refused(members):
    """Go would read it, and take the last."""
    assert refusal(read, **members) == "json.case-variant-key"


def test_labels_that_differ_in_case_are_two():
    assert len(run(Labels={"a": "1", "A": "2"}).labels) == 2


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"rootfs":{},"rootfs":{}}', b"\xff", b"[" * 10_000])
def test_what_is_no_document_is_refused(content):
    with pytest.raises(Refused) as refused:
        parse_config(content, subject="s")
    assert codes(refused)[0].startswith(("json.", "image.malformed"))


def test_layers_and_diff_ids_are_as_many():
    require_layers(read(), 1, subject="s")
    with pytest.raises(Refused) as refused:
        require_layers(read(), 2, subject="s")
    assert codes(refused) == ["image.malformed"]
