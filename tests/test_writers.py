"""Whoever writes a file is known: outputs and states are written by `files/`, and whatever else is has its reason."""

import ast

import pytest

from tests.support.source_tree import SOURCES, calls, named

WRITERS = {
    "verifier/files/write.py": "the writer",
    "verifier/files/output.py": "outputs that are pipes, terminals or descriptors",
    "verifier/files/append.py": "the summary of a workflow's step, which is appended to",
    "verifier/files/lock.py": "lock files, which hold nothing",
    "verifier/cli/asking/place.py": "verified bytes, as the writer would, by a hook that loads little",
    "verifier/audit/online/child.py": "standard output, and /dev/null",
    "verifier/audit/online/resolving.py": "a folder of this run alone, for pip-audit to read",
    "verifier/cli/running/streams.py": "/dev/null, in the place of a standard output that is gone",
    "verifier/cli/demo/stage.py": "the demo's own new folder",
    "verifier/publish/push/layout.py": "blobs of a layout, in pieces: each a draft until it is whole",
    "verifier/ledger/salvage.py": "a file without a name, gone with this run",
    "verifier/cli/audits/fetched.py": "a dry run's copy of a database, gone with this run",
    "verifier/cli/running/spooled.py": "what a stream held: a file without a name, gone with this run",
    "verifier/rego/opa.py": "a folder of this run alone, for OPA to read",
    "verifier/rego/organisation/opa_rules.py": "the same",
    "verifier/rego/worker.py": "standard output, and /dev/null",
    "verifier/secrets/worker.py": "the same",
    "verifier/sources/layouts/store.py": "a packed archive once unpacked: a file without a name, gone with this run",
}
"""Whoever opens anything for writing, and what."""
MAKE_NAMES = {"replace", "rename", "renames", "link", "symlink", "hardlink_to", "symlink_to", "link_to"}
NAMERS = {
    "verifier/files/write.py": "the writer",
    "verifier/cli/asking/place.py": "the same, for a hook that loads nothing",
    "verifier/agent/listening.py": "a socket, which is no file",
}
"""Whoever gives anything a name, and what."""
WRITING_MODES = set("wax+")
ALWAYS = {
    "write_bytes",
    "write_text",
    "touch",
    "mkstemp",
    "NamedTemporaryFile",
    "TemporaryFile",
    "copyfile",
    "copy2",
    "copyfileobj",
}
FLAGS = {"O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND"}


def writes(call: ast.Call) -> bool:
    """Whether a call opens something for writing."""
    name = ast.unparse(call.func).rpartition(".")[2]
    said = {ast.unparse(each) for each in call.args} | {ast.unparse(each.value) for each in call.keywords}
    if name in {"open", "fdopen"}:
        modes = [
            each.value for each in (*call.args, *(key.value for key in call.keywords)) if isinstance(each, ast.Constant)
        ]
        if any(isinstance(each, str) and set(each) <= set("rwaxbt+U") and set(each) & WRITING_MODES for each in modes):
            return True
        return any(flag in text for flag in FLAGS for text in said)
    return name in ALWAYS


def test_whoever_writes_a_file_is_known():
    found = {named(path) for path in SOURCES for call in calls(path) if writes(call)}
    assert found == set(WRITERS)


def test_nobody_else_gives_a_file_a_name():
    namers = {
        named(path)
        for path in SOURCES
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in MAKE_NAMES
        and (call.func.attr != "replace" or ast.unparse(call.func.value) in {"os", "draft", "path"})
    }
    assert namers == NAMERS.keys()


@pytest.mark.parametrize(
    "text",
    [
        'path.open("w")',
        'open(x, "ab")',
        'path.open(mode="xb")',
        "os.open(p, os.O_WRONLY | os.O_CREAT)",
        'os.fdopen(f, "wb")',
        "path.write_text(x)",
        'io.open(p, "r+")',
        "tempfile.NamedTemporaryFile()",
    ],
)
def test_a_new_writer_would_be_found(text):
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert writes(call)


@pytest.mark.parametrize(
    "text", ['path.open("rb")', "os.open(p, os.O_RDONLY)", "open_upstream(x)", "Table.open(x, path)"]
)
def test_a_reader_is_none(text):
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert not writes(call)


def test_commands_write_through_outputs_alone():
    """`replace_file` would ask nobody whether something stands there that must stay."""
    users = {named(path) for path in SOURCES for call in calls(path) if ast.unparse(call.func) == "replace_file"}
    assert users == {"verifier/files/output.py"}
