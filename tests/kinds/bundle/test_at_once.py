"""Thousands of files are read at once: each as it would be read alone, whatever lies beside it."""

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.archives.tars import bundle, codes, gz, member, tarball
from tests.support.inspections import denials, inspect
from tests.support.material import document, token
from tests.support.stories import policy
from verifier.core.costs.budget import Budget
from verifier.core.limits import Limits
from verifier.core.outcome import Passed
from verifier.core.reading import ReadingMode
from verifier.formats.opa.package_clause import NoPackageError, UnreadPackageError, package_of, plain_clause
from verifier.kinds.bundle.artifact import read_bundle
from verifier.kinds.bundle.digests import check

ROOTS = {".manifest": b'{"revision":"1","roots":["modules"]}'}
OUTSIDE = "manifest.outside-roots"


def within(content):
    """A module of whole blocks: what follows it in the archive is the next header, and no padding."""
    return b"#" * (512 - len(content) - 1) + b"\n" + content


class TestPackages:
    def test_a_package_does_not_go_on_in_the_name_of_the_next_file(self):
        """`package modules` ends its last block, and the next header begins with ".hidden"."""
        files = {**ROOTS, "a.rego": within(b"package modules"), ".hidden.rego": b"package modules.x\n"}
        assert codes(bundle, files) == []

    def test_a_package_does_not_end_where_only_its_first_part_is_a_root(self):
        assert codes(bundle, {**ROOTS, "a.rego": b"package modulesx.a\n"}) == [OUTSIDE]
        assert codes(bundle, {**ROOTS, "a.rego": b"package modules\n.a\n"}) == ["bundle.package-unread"]

    def test_a_package_is_held_to_roots_that_stand_behind_it_in_the_archive(self):
        files = [("a.rego", b"package other\n"), *ROOTS.items()]
        assert codes(bundle, files) == [OUTSIDE]

    def test_a_package_below_a_part_of_a_deeper_root_is_outside(self):
        manifest = {".manifest": b'{"revision":"1","roots":["modules/a"]}'}
        assert codes(bundle, {**manifest, "a.rego": b"package modules.a.b\n"}) == []
        assert codes(bundle, {**manifest, "a.rego": b"package modules\n"}) == [OUTSIDE]
        assert codes(bundle, {**manifest, "a.rego": b"package modules.ab\n"}) == [OUTSIDE]

    def test_one_module_outside_is_found_among_a_thousand(self):
        inside = {f"m{number}.rego": b"package modules.m%d\n" % number for number in range(1_000)}
        assert codes(bundle, {**ROOTS, **inside, "x.rego": b"package system.authz\n"}) == [OUTSIDE]

    def test_a_file_that_is_not_ascii_changes_no_answer_about_the_others(self):
        files = {**ROOTS, "a.rego": b"package other\n", "b.rego": "package modules # \u00e9\n".encode()}
        assert codes(bundle, files) == [OUTSIDE]
        both = codes(bundle, {**files, "c.rego": b"package modules\n\xff"})
        assert sorted(both) == ["bundle.rego-invalid", OUTSIDE]

    @settings(max_examples=300, deadline=None)
    @given(
        text=st.lists(
            st.sampled_from(
                [
                    "package",
                    " ",
                    "\n",
                    "# x\n",
                    "a",
                    ".",
                    "b1",
                    "[",
                    '"q"',
                    "]",
                    "import",
                    "{",
                    "default",
                    "\t",
                    "`r`",
                    "é",
                ]
            ),
            max_size=12,
        ).map("".join),
        before=st.sampled_from([0, 16 * 1024 - 12, 16 * 1024 - 4, 16 * 1024]),
        beside=st.sampled_from([b"", b".x", b"x", b'["y"]', b" \n"]),
    )
    def test_a_clause_in_an_archive_is_the_clause_of_the_file_alone(self, text, before, beside):
        alone = b" " * before + text.encode()
        around = beside + alone + beside
        found = plain_clause(around, len(beside), len(beside) + len(alone))
        try:
            expected = package_of(alone)
        except (NoPackageError, UnreadPackageError):
            assert found is None
            return
        assert found is None or tuple(found[1].decode().split(".")) == expected


class TestPrices:
    @pytest.mark.parametrize(("name", "most"), [("memory_bytes", 2 << 20), ("steps", 6_000)])
    def test_long_packages_of_many_modules_are_refused_as_one_is(self, name, most):
        part = b"p" * 1_000
        files = {f"m{number}.rego": b"package a.%s\n" % part for number in range(400)}
        limits = Limits(**{name: most})
        content = tarball(files)
        assert codes(read_bundle, content, name="x", resource_uri="", limits=limits) == ["input.too-costly"]

    def test_every_byte_of_packages_and_before_them_is_paid_for(self):
        files = {f"m{number}.rego": b"#\npackage a.b%d\n" % (number % 10) for number in range(300)}
        content = tarball(files)
        budget = Budget(packed=len(content))
        read_bundle(content, name="x", resource_uri="", budget=budget)
        assert budget.counts["bytes of package clauses"] == 300 * len("a.b0")
        assert budget.counts["bytes before package clauses"] == 300 * len("#\npackage ")


DATA = {f"tables/t{number}/data.json": b'{"n": %d}' % number for number in range(5)}


def signed(files, listed):
    """An inspection of an archive of exactly these files, in this order; None stands for the signatures file."""
    claims = [{"name": name, "hash": digest, "algorithm": "SHA-256"} for name, digest in listed]
    signatures = document(token("p256", "ES256", claims={"files": claims}))
    content = gz(*(member(name.encode(), signatures if each is None else each) for name, each in files))
    return inspect(content, policy(mode=ReadingMode.STRICT))


class TestDigests:
    @pytest.mark.parametrize("place", range(7))
    def test_where_the_signatures_file_lies_shifts_no_digest_to_another_file(self, place):
        files = [*DATA.items(), ("a.rego", b"package a\n")]
        hashes = [(file.name, file.digest()) for file in bundle(dict(files)).files]
        files.insert(place, (".signatures.json", None))
        assert check(signed(files, hashes)) == Passed()
        swapped = [(name, digest) for (name, _), (_, digest) in zip(hashes, reversed(hashes), strict=True)]
        assert denials(check(signed(files, swapped))) == ["digest.mismatch"] * len(hashes)

    def test_the_raw_bytes_of_data_are_no_digest_of_it(self):
        """Structured files are signed by their value: what hashes their bytes has signed something else."""
        files = [*DATA.items(), (".signatures.json", None)]
        raw = [(name, sha256(content).hexdigest()) for name, content in DATA.items()]
        assert denials(check(signed(files, raw))) == ["digest.mismatch"] * len(DATA)

    def test_a_digest_in_capitals_is_the_same_digest(self):
        files = [("a.rego", b"package a\n"), (".signatures.json", None)]
        (file,) = bundle({"a.rego": b"package a\n"}).files
        assert check(signed(files, [(file.name, file.digest().upper())])) == Passed()


def test_the_files_of_a_bundle_are_a_sequence():
    manifest = {".manifest": b'{"revision":"1"}'}
    files = bundle({**manifest, **DATA}).files
    assert [file.name for file in files] == [*manifest, *DATA]
    assert (files[-1], files[1:3]) == (list(files)[-1], tuple(list(files)[1:3]))
    assert [json.loads(bytes(file.content)) == (file.document and file.document.value) for file in files] == [True] * 6
    with pytest.raises(IndexError):
        files[len(files)]
