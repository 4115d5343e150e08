"""Lock files that are hostile, or changed anywhere: a refusal or a lock, within bounds, and never anything else."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.material import codes
from tests.support.sboms.locks import GENUINE, SMALL, genuine
from verifier.core.errors import Refused
from verifier.sbom.locks.rows import reached
from verifier.sbom.locks.table import read_lock

TOML = [name for name in SMALL if not name.endswith((".txt", "Pipfile.lock"))]
INVALID = "dependency.lock-invalid"


def refusal(name, content):
    with pytest.raises(Refused) as refused:
        read_lock(name, content if isinstance(content, bytes) else content.encode())
    return refused.value.reasons[0]


@pytest.mark.parametrize("name", TOML)
@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5_000 + "]" * 5_000,
        "a = " + "{a=" * 5_000 + "1" + "}" * 5_000,
        "a = " + "[" * 100 + "]" * 100,
        ".".join(["a"] * 20_000) + " = 1",
        "[" + " . ".join(["a"] * 100) + "]",
        "a = " + "9" * 100_000,
        "a = '''" + "x" * 1_000,
        "a = 2020-99-99",
        'a = "\\ud800"',
    ],
)
def test_hostile_toml_is_refused(name, text):
    assert refusal(name, f"{text}\n{SMALL[name]}").code == INVALID


@pytest.mark.parametrize("name", TOML)
def test_a_million_values_are_refused_by_a_limit_with_its_name(name):
    reason = refusal(name, "a = [" + "[]," * 1_000_000 + "]\n" + SMALL[name])
    assert (reason.code, "values" in reason.message) == ("input.too-large", True)


def test_deep_and_endless_json_is_refused():
    deep = '{"a":' * 5_000 + "1" + "}" * 5_000
    assert refusal("Pipfile.lock", deep).code == "json.too-deep"
    assert refusal("Pipfile.lock", "[]").code == INVALID
    assert refusal("Pipfile.lock", '{"_meta": {"pipfile-spec": NaN}}').code == "json.invalid"


def test_groups_are_followed_within_a_bound(monkeypatch):
    monkeypatch.setattr(reached, "MAX_REACHED", 3)
    assert refusal("uv.lock", SMALL["uv.lock"]).code == "input.too-large"


def test_a_cycle_of_edges_ends():
    looped = SMALL["uv.lock"].replace(
        'version = "1.2+fast"\n', 'version = "1.2+fast"\ndependencies = [{ name = "acme-core" }]\n'
    )
    refs = dict(read_lock("uv.lock", looped.encode()).dependencies)
    assert refs["pkg:pypi/speed@1.2%2Bfast"] == ("pkg:pypi/acme-core@2.1",)


@pytest.mark.parametrize("name", SMALL)
@given(data=st.data())
def test_no_change_of_a_few_bytes_gets_anything_but_a_refusal_or_a_lock(name, data):
    content = bytearray(SMALL[name].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 12))] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b'"', b"[", b"{", b"\n", b"=", b"0"])
        )
    survives(name, bytes(content))


@pytest.mark.parametrize("name", SMALL)
@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_at_all_get_anything_but_a_refusal_or_a_lock(name, content):
    survives(name, content)


@pytest.mark.parametrize("name", TOML)
@given(
    key=st.sampled_from(
        [
            "name",
            "version",
            "source",
            "dependencies",
            "files",
            "wheels",
            "sdist",
            "groups",
            "markers",
            "extras",
            "marker",
            "vcs",
            "index",
        ]
    ),
    value=st.sampled_from(
        [
            "1",
            "true",
            '"x"',
            "[]",
            "[1]",
            '[""]',
            "[[]]",
            "{}",
            "{a=1}",
            "2020-01-01",
            "[{}]",
            "[{name=1}]",
            "[{hash=1}]",
            "nan",
        ]
    ),
)
def test_no_value_of_another_type_gets_anything_but_a_refusal_or_a_lock(name, key, value):
    table = "[[packages]]" if name == "pylock.toml" else "[[package]]"
    survives(name, f"{SMALL[name]}\n{table}\n{key} = {value}\n".encode())


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["version", "hashes", "index", "git", "ref", "path", "editable", "extras", "markers"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_pipfile_row_gets_anything_but_a_refusal_or_a_lock(value):
    lock = json.loads(SMALL["Pipfile.lock"])
    lock["default"]["odd"] = value
    survives("Pipfile.lock", json.dumps(lock).encode())


def survives(name, content):
    with contextlib.suppress(Refused):
        assert read_lock(name, content).path == name


@pytest.mark.corpus
@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_lock_that_is_given_twice_in_one_file_or_cut_in_a_line_is_refused(name):
    content, _ = genuine(name)
    file = GENUINE[name][0]
    twice = content + content
    half = content[: len(content) // 2].rpartition(b"sha256")[0] + b'sha256:abc"'
    for each in (half, twice) if file != "requirements.txt" else (half,):
        with pytest.raises(Refused) as refused:
            read_lock(file, each)
        assert codes(refused)[0] in {INVALID, "json.invalid", "json.trailing-data"}
