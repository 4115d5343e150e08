"""Lock files that are broken, hostile or half a merge: refused by file and line, whatever the format."""

import json

import pytest

from tests.support.sboms.locks import SMALL, A, B, C
from verifier.core.errors import Refused
from verifier.sbom.locks.rows import document
from verifier.sbom.locks.table import read_lock

TOML = [name for name in SMALL if not name.endswith((".txt", "Pipfile.lock"))]
INVALID = "dependency.lock-invalid"


def refusal(name, content):
    with pytest.raises(Refused) as refused:
        read_lock(name, content if isinstance(content, bytes) else content.encode())
    return refused.value.reasons[0]


def changed(name, old, new):
    assert old in SMALL[name]
    return refusal(name, SMALL[name].replace(old, new, 1))


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("mark", ["<<<<<<< HEAD", "=======", ">>>>>>> main", "||||||| base"])
def test_the_marks_of_an_unfinished_merge_are_refused_by_their_line(name, mark):
    lines = SMALL[name].split("\n")
    middle = len(lines) // 2
    reason = refusal(name, "\n".join([*lines[:middle], mark, *lines[middle:]]))
    assert (reason.code, reason.subject) == (INVALID, f"{name}:{middle + 1}")
    assert "merge" in reason.message


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "cp037"])
def test_another_encoding_is_never_half_read(name, encoding):
    if encoding == "utf-8-sig" and name.endswith(".txt"):
        return  # as pip has it: the test below
    assert refusal(name, SMALL[name].encode(encoding)).code == INVALID


@pytest.mark.parametrize("name", SMALL)
def test_bytes_that_are_no_text_are_refused_by_their_line(name):
    lines = SMALL[name].encode().split(b"\n")
    lines[2] += b" # \xff\xfe"
    reason = refusal(name, b"\n".join(lines))
    assert (reason.code, reason.subject) == (INVALID, f"{name}:3")


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("content", [b"", b"\n", b" \r\n\t"])
def test_an_empty_file_is_no_lock_of_nothing(name, content):
    assert "empty" in refusal(name, content).message


@pytest.mark.parametrize("name", SMALL)
def test_a_file_that_is_far_too_large_is_refused_before_it_is_read(name, monkeypatch):
    monkeypatch.setattr(document, "MAX_BYTES", 100)
    assert refusal(name, SMALL[name]).code == "input.too-large"


@pytest.mark.parametrize("name", SMALL)
def test_the_lock_of_another_tool_is_refused(name):
    for other, content in SMALL.items():
        if other != name:
            assert refusal(name, content).code in {INVALID, "json.invalid"}


@pytest.mark.parametrize("name", SMALL)
def test_a_lock_that_is_cut_short_is_refused_or_has_nothing_that_the_whole_has_not(name):
    content = SMALL[name].encode()
    whole = {(row.name, row.version) for row in read_lock(name, content).rows}
    refused = 0
    for end in range(len(content) - 2):
        try:
            cut = read_lock(name, content[:end])
        except Refused:
            refused += 1
            continue
        assert {(row.name, row.version) for row in cut.rows[:-1]} <= whole
    assert refused == len(content) - 2 or name not in {"poetry.lock", "Pipfile.lock"}
    assert refused > len(content) // 2


def test_a_uv_lock_that_lost_all_its_rows_is_no_lock_of_nothing():
    assert "cut short" in refusal("uv.lock", SMALL["uv.lock"].partition("[[package]]")[0]).message


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_a_uv_lock_that_lost_rows_at_its_end_is_refused(rows):
    cut = "[[package]]".join(SMALL["uv.lock"].split("[[package]]")[: rows + 1])
    assert "which is not in the lock" in refusal("uv.lock", cut).message


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_poetry_lock_that_lost_its_end_is_refused(rows):
    cut = "[[package]]".join(SMALL["poetry.lock"].split("[[package]]")[: rows + 1]).partition("[extras]")[0]
    assert "cut short" in refusal("poetry.lock", cut).message


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("uv.lock", "version = 1\n", "version = 2\n"),
        ("uv.lock", "version = 1\n", "version = true\n"),
        ("uv.lock", "version = 1\n", 'version = "1"\n'),
        ("uv.lock", "version = 1\n", ""),
        ("uv.lock", "revision = 3", "revision = -1"),
        ("poetry.lock", 'lock-version = "2.1"', 'lock-version = "3.0"'),
        ("poetry.lock", 'lock-version = "2.1"', 'lock-version = "two"'),
        ("poetry.lock", 'lock-version = "2.1"', f'lock-version = "{"9" * 5000}.0"'),
        ("pdm.lock", '"4.5.1"', '"5.0"'),
        ("pdm.lock", 'lock_version = "4.5.1"', ""),
        ("pylock.toml", '"1.0"', '"2.0"'),
        ("Pipfile.lock", '"pipfile-spec": 6', '"pipfile-spec": 7'),
        ("Pipfile.lock", '"pipfile-spec": 6', '"pipfile-spec": true'),
    ],
)
def test_a_lock_of_an_unknown_version_is_refused(name, old, new):
    assert changed(name, old, new).code == INVALID


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("poetry.lock", 'lock-version = "2.1"', 'lock-version = "2.7"'),
        ("pdm.lock", '"4.5.1"', '"4.9"'),
        ("pylock.toml", '"1.0"', '"1.1"'),
    ],
)
def test_a_newer_minor_version_is_read_with_a_warning(name, old, new):
    lock = read_lock(name, SMALL[name].replace(old, new, 1).encode())
    assert [each.code for each in lock.findings] == ["dependency.lock-irregular"]


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    "look_alike",
    [
        "аcme-core",
        "acme‐core",
        "ａcme-core",
        "acme-corе",
        "acme core",
        "-acme",
        "acme-",
        "",
        "x" * 300,
        "a\\u001b[2Jb",
    ],
)
def test_a_name_that_only_looks_like_one_is_refused(name, look_alike):
    old = "acme_core" if name == "poetry.lock" else "acme-core"
    spelt = f'name = "{old}"' if name in TOML else f'"{old}": {{' if name == "Pipfile.lock" else f"{old}==2.1"
    reason = changed(name, spelt, spelt.replace(old, look_alike))
    assert reason.code in {INVALID, "json.invalid"}


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("digest", [A[:-1], A + "a", "g" * 64, "", "a" * 32 + " " * 32, "ａ" * 64])
def test_a_digest_of_a_wrong_length_or_alphabet_is_refused(name, digest):
    assert changed(name, A, digest).code == INVALID


@pytest.mark.parametrize("name", SMALL)
def test_a_digest_in_capitals_is_the_same_one(name):
    assert (
        read_lock(name, SMALL[name].replace(A, A.upper()).encode()).components
        == read_lock(name, SMALL[name].encode()).components
    )


@pytest.mark.parametrize("algorithm", ["crc32", "sha256sum", "SHA", "sha224", "\\u0000"])
@pytest.mark.parametrize("name", [name for name in SMALL if name != "pylock.toml"])
def test_a_digest_by_an_unknown_algorithm_is_refused(name, algorithm):
    assert changed(name, f"sha256:{A}", f"{algorithm}:{A}").code in {INVALID, "json.invalid"}


@pytest.mark.parametrize("name", ["uv.lock", "pdm.lock"])
def test_two_rows_of_one_version_with_other_digests_are_refused_by_both_lines(name):
    rows = SMALL[name].split("[[package]]")
    row = next(each for each in rows if each.startswith('\nname = "acme-core"'))
    reason = refusal(name, f"{SMALL[name]}\n[[package]]{row.replace(A, C)}")
    assert reason.code == INVALID
    assert "a second time with other digests (the other begins at line" in reason.message


def test_two_rows_of_one_version_with_other_digests_are_refused_in_every_other_format():
    for name in ("poetry.lock", "pylock.toml"):
        table = "[[packages]]" if name == "pylock.toml" else "[[package]]"
        head, row, *rest = SMALL[name].split(table)
        text = table.join([head, row, row.replace(A, C), *rest])
        assert "a second time" in refusal(name, text).message
    changed_group = json.loads(SMALL["Pipfile.lock"])
    changed_group["develop"]["acme-core"] = {"hashes": [f"sha256:{B}"], "index": "acme", "version": "==2.1"}
    assert "a second time" in refusal("Pipfile.lock", json.dumps(changed_group, indent=4)).message
    assert (
        "a second time"
        in refusal("requirements.txt", f"{SMALL['requirements.txt']}Acme.Core==2.1 --hash=sha256:{C}\n").message
    )


@pytest.mark.parametrize("name", TOML)
def test_duplicate_keys_are_refused(name):
    row = SMALL[name].index('name = "acme')
    assert refusal(name, SMALL[name][:row] + 'name = "other"\n' + SMALL[name][row:]).code == INVALID


def test_a_duplicate_package_in_a_pipfile_lock_is_refused():
    assert changed("Pipfile.lock", '"tree": {', '"tree": {}, "tree": {').code == "json.duplicate-key"


@pytest.mark.parametrize(
    "source",
    [
        "{}",
        '{ registry = "" }',
        '{ registry = "a", git = "b" }',
        '{ mirror = "a" }',
        '"x"',
        "{ registry = 1 }",
        '{ url = "a", x = 1 }',
    ],
)
def test_a_source_of_an_unknown_kind_is_refused_by_the_line_of_its_row(source):
    old = 'source = { git = "https://git.acme.example/checks?rev=main#' + "d" * 40 + '" }'
    line = SMALL["uv.lock"].split("\n").index('name = "checks"')
    reason = changed("uv.lock", old, f"source = {source}")
    assert (reason.code, reason.subject) == (INVALID, f"uv.lock:{line}")


def test_an_index_that_no_source_is_called_is_refused():
    assert "which no source is called" in changed("Pipfile.lock", '"index": "acme"', '"index": "other"').message


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("uv.lock", "acme_core-2.1-py3", "acme_c0re-2.1-py3"),
        ("uv.lock", "acme_core-2.1-py3", "acme_core-2.2-py3"),
        ("uv.lock", "acme_core-2.1.tar.gz", "evil-2.1.tar.gz"),
        ("uv.lock", "acme_core-2.1-py3", "%61cme%5fc0re-2.1-py3"),
        ("poetry.lock", "acme_core-2.1-py3", "evil-2.1-py3"),
        ("poetry.lock", "speed-1.2.tar.gz", "speedy-1.2.tar.gz"),
        ("pdm.lock", "acme_core-2.1.tar.gz", "acme_core2-2.1.tar.gz"),
        ("pylock.toml", "acme_core-2.1-py3", "evil-2.1-py3"),
        ("pylock.toml", "acme_core-2.1-py3", "acme_core-2.2-py3"),
    ],
)
def test_a_row_that_lists_a_file_of_another_package_or_version_is_refused(name, old, new):
    assert changed(name, old, new).code == INVALID


def test_a_file_of_the_same_version_in_another_spelling_is_one_of_the_row():
    spelt = SMALL["uv.lock"].replace("acme_core-2.1-py3", "Acme.Core-2.1.0-py3")
    assert len(read_lock("uv.lock", spelt.encode()).components) == 5
