"""Records in YAML: what stands there is text, and nothing in it multiplies."""

import json

import pytest

from tests.support.audit.osv import advisories, document, entry, outcome, read
from verifier.formats.osv.reading import MAX_RECORD_BYTES, MAX_RECORD_DEPTH
from verifier.formats.osv.yaml_reading import record_of_yaml, yaml_tree

SOUND = """\
id: PYSEC-2099-1
modified: 2024-10-10T00:00:00Z
affected:
- package: {ecosystem: PyPI, name: jinja2}
  ranges:
  - type: ECOSYSTEM
    events:
    - introduced: "0"
    - fixed: 2.10
  versions: [1.0, 1.10, 2, 1_0, 0x1, 1e3, 2024-10-10, on]
"""


def parsed(text):
    content = text if isinstance(text, bytes) else text.encode()
    return record_of_yaml(content, subject="record.yaml")


def test_versions_are_the_text_that_stands_there():
    (found,) = parsed(SOUND).affected
    assert found.versions == ("1.0", "1.10", "2", "1_0", "0x1", "1e3", "2024-10-10", "on")
    assert [each.version for each in found.ranges[0].events] == ["0", "2.10"]


def test_the_same_record_in_json_and_in_yaml_is_equal():
    text = SOUND.replace("\nmodified", "\nsummary: 3.10\nmodified")
    versions = ["1.0", "1.10", "2", "1_0", "0x1", "1e3", "2024-10-10", "on"]
    affected = [entry({"introduced": "0"}, {"fixed": "2.10"}, versions=versions)]
    assert parsed(text) == read(document(schema_version=None, summary="3.10", affected=affected))


@pytest.mark.parametrize("absent", ["", "~", "null", " # nothing"])
def test_what_stands_for_nothing_is_absent(absent):
    assert parsed(f"{SOUND}withdrawn: {absent}\naliases: {absent}\n").withdrawn is None


def test_what_is_quoted_is_never_absent():
    assert outcome(lambda: parsed(f"{SOUND}withdrawn: 'null'\n")) == "vulnerability.record-invalid"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (SOUND + "id: PYSEC-2099-2\n", "json.duplicate-key"),
        (SOUND.replace("name: jinja2", "name: jinja2, name: flask"), "json.duplicate-key"),
        (SOUND.replace('introduced: "0"', '&a introduced: "0"'), "yaml.unsupported"),
        (SOUND.replace("fixed: 2.10", "fixed: &a 2.10"), "yaml.unsupported"),
        (SOUND.replace("ranges:", "ranges: &a"), "yaml.unsupported"),
        (SOUND.replace("fixed: 2.10", "fixed: *a"), "yaml.unsupported"),
        (SOUND.replace("fixed: 2.10", "fixed: !!str 2.10"), "yaml.unsupported"),
        (SOUND.replace("fixed: 2.10", "fixed: !!python/object/apply:os.system [id]"), "yaml.unsupported"),
        (SOUND.replace("affected:", "affected: !x"), "yaml.unsupported"),
        (SOUND + "<<: {withdrawn: 2024-10-10T00:00:00Z}\n", "yaml.unsupported"),
        (SOUND + "? [a]\n: b\n", "yaml.unsupported"),
        (SOUND + "---\n" + SOUND, "yaml.unsupported"),
        (SOUND + "summary: x\x85withdrawn: 2024-10-10T00:00:00Z\n", "yaml.unsupported"),
        (SOUND + "summary: x\u2028withdrawn: 2024-10-10T00:00:00Z\n", "yaml.unsupported"),
        ("\ufeff" + SOUND, "yaml.unsupported"),
        ("%YAML 1.1\n---\n" + SOUND, "yaml.unsupported"),
        ("%TAG ! tag:acme.example,2024:\n" * 50_000 + "---\n" + SOUND, "yaml.unsupported"),
        (SOUND + "<<<<<<< HEAD\n", "yaml.invalid"),
        ("", "yaml.invalid"),
        ("# nothing\n", "yaml.invalid"),
        ("just text", "vulnerability.record-invalid"),
        ("- a\n- b\n", "vulnerability.record-invalid"),
        (SOUND.encode("utf-16"), "yaml.invalid"),
        (SOUND.encode("utf-16-le"), "yaml.invalid"),
        (SOUND.encode() + b"summary: \xff\n", "yaml.invalid"),
        (SOUND + 'summary: "\x00"\n', "yaml.invalid"),
        ("[" * 100_000, "json.too-deep"),
        ("- " * 100_000, "json.too-deep"),
        ("? " * 100_000, "yaml.unsupported"),
        ("{a: " * 100_000, "json.too-deep"),
        (SOUND + "x: [" + "1," * 500_000 + "1]\n", "json.too-many-values"),
        (SOUND + "x: [" + "[]," * 500_000 + "1]\n", "json.too-many-values"),
        (b"#" * (MAX_RECORD_BYTES + 1), "input.too-large"),
    ],
    ids=lambda given: str(given)[-60:] if not isinstance(given, bytes) else "",
)
def test_hostile_yaml_is_refused(text, code):
    assert outcome(lambda: parsed(text)) == code


def test_a_bomb_of_aliases_never_goes_off():
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, letter in zip("abcdefgh", "bcdefghi", strict=True):
        rows.append(f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]")
    assert outcome(lambda: parsed(SOUND + "\n".join(rows) + "\n")) == "yaml.unsupported"


def test_as_deep_as_may_be_is_read():
    deep = "[" * MAX_RECORD_DEPTH + "]" * MAX_RECORD_DEPTH
    assert isinstance(yaml_tree(deep.encode(), subject="x"), list)
    assert outcome(lambda: yaml_tree(f"[{deep}]".encode(), subject="x")) == "json.too-deep"


def test_every_beginning_of_a_record_is_refused_or_says_less():
    whole = parsed(SOUND)
    for end in range(len(SOUND)):
        found = outcome(lambda end=end: parsed(SOUND[:end]))
        assert isinstance(found, str) or found._replace(affected=(), digest="") == whole._replace(
            affected=(), digest=""
        )


@pytest.mark.corpus
def test_every_genuine_record_is_read_and_is_the_same_in_json():
    paths = advisories()
    assert len(paths) == 2_661
    for path in paths:
        content = path.read_bytes()
        record = record_of_yaml(content, subject=path.name)
        assert record.id == path.stem
        assert read(json.dumps(yaml_tree(content, subject=path.name)).encode()) == record
