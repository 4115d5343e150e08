"""Records about one vulnerability are one finding, and nothing of them is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.audit.judged import findings
from tests.support.audit.made import NOW, package, record
from verifier.audit.findings.merging import MAX_REFERENCES, MAX_SUMMARY
from verifier.formats.osv.record import AffectedPackage, Event, Range, Severity

CRITICAL = Severity("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
ONLY_COMMITS = (AffectedPackage("PyPI", "jinja2", ranges=(Range("GIT", (Event("introduced", "0"),)),)),)


def ids(records, **more):
    return [each.ids for each in findings(records, **more)]


class TestWhatIsOneVulnerability:
    def test_a_record_alone_is_a_finding_with_its_id(self):
        assert ids([record("PYSEC-2099-1")]) == [("PYSEC-2099-1",)]

    def test_its_aliases_are_its_ids_too(self):
        assert ids([record("PYSEC-2099-1", aliases=("CVE-2099-1",))]) == [("CVE-2099-1", "PYSEC-2099-1")]

    def test_two_records_with_one_alias_are_one_finding_that_keeps_both_ids(self):
        both = [record("PYSEC-2099-1", aliases=("CVE-2099-1",)), record("GHSA-1", aliases=("CVE-2099-1",))]
        assert ids(both) == [("CVE-2099-1", "PYSEC-2099-1", "GHSA-1")]

    def test_a_chain_of_aliases_is_one_finding(self):
        chain = [record("A", aliases=("B",)), record("B", aliases=("C",)), record("D", aliases=("C",))]
        assert ids(chain) == [("A", "B", "C", "D")]

    def test_a_record_that_is_named_as_an_alias_needs_no_alias_of_its_own(self):
        assert ids([record("A", aliases=("B",)), record("B")]) == [("A", "B")]

    def test_aliases_that_name_each_other_come_to_an_end(self):
        cycle = [record("A", aliases=("B", "A")), record("B", aliases=("C",)), record("C", aliases=("A",))]
        assert ids(cycle) == [("A", "B", "C")]

    def test_related_records_are_others(self):
        assert len(ids([record("A", related=("B",)), record("B", related=("A",))])) == 2

    def test_records_without_a_common_id_are_two_findings(self):
        assert len(ids([record("A", aliases=("CVE-1",)), record("B", aliases=("CVE-2",))])) == 2

    def test_records_that_a_third_one_joins_are_one_though_the_third_does_not_affect_this_version(self):
        joining = record("X", aliases=("CVE-1", "CVE-2"), fixed="1.0")
        first, second = record("A", aliases=("CVE-1",)), record("B", aliases=("CVE-2",))
        assert ids([first, second, joining]) == [("CVE-1", "CVE-2", "A", "B")]

    def test_a_record_that_was_withdrawn_joins_nothing(self):
        joining = record("X", aliases=("CVE-1", "CVE-2"), withdrawn=NOW)
        assert len(ids([record("A", aliases=("CVE-1",)), record("B", aliases=("CVE-2",)), joining])) == 2

    def test_the_same_record_from_two_sources_is_one_finding(self):
        assert ids([record("A"), record("A", fixed="2.11")]) == [("A",)]

    def test_a_hundred_thousand_aliases_are_kept(self):
        aliases = tuple(f"CVE-2099-{number}" for number in range(100_000))
        (found,) = findings([record("PYSEC-2099-1", aliases=aliases), record("GHSA-1", aliases=(aliases[-1],))])
        assert len(found.ids) == 100_002

    def test_a_chain_of_twenty_thousand_records_is_one_finding(self):
        chain = [record(f"A-{number}", aliases=(f"A-{number + 1}",)) for number in range(20_000)]
        (found,) = findings(chain)
        assert len(found.records) == 20_000

    @given(
        st.lists(st.tuples(st.sampled_from("ABCDEF"), st.lists(st.sampled_from("ABCDEFGH"), max_size=3)), max_size=6)
    )
    def test_findings_are_the_connected_components(self, drawn):
        records = [record(name, aliases=tuple(aliases)) for name, aliases in drawn]
        groups = [{name, *aliases} for name, aliases in drawn]
        merged = True
        while merged:
            merged = False
            for one in range(len(groups)):
                for other in range(one + 1, len(groups)):
                    if groups[one] & groups[other]:
                        groups[one] |= groups.pop(other)
                        merged = True
                        break
                if merged:
                    break
        assert sorted(map(set, ids(records)), key=sorted) == sorted(groups, key=sorted)


class TestWhichIdComesFirst:
    @pytest.mark.parametrize(
        ("written", "first"),
        [
            (("GHSA-1", "PYSEC-1", "CVE-1"), "CVE-1"),
            (("GHSA-1", "PYSEC-1"), "PYSEC-1"),
            (("ZZZ-1", "GHSA-1"), "GHSA-1"),
            (("B-1", "A-1"), "A-1"),
            (("CVE-2099-2", "CVE-2099-1"), "CVE-2099-1"),
        ],
    )
    def test_it_does_not_depend_on_the_order_they_are_written_in(self, written, first):
        for order in (written, written[::-1]):
            assert ids([record(order[0], aliases=order[1:])])[0][0] == first

    def test_every_id_stands_there_once(self):
        (found,) = ids([record("A", aliases=("A", "B", "B"))])
        assert found == ("A", "B")


class TestWhatAFindingSays:
    def test_affected_wins_over_undecided_and_it_is_said(self):
        both = [record("A", aliases=("CVE-1",), affected=ONLY_COMMITS), record("B", aliases=("CVE-1",))]
        (found,) = findings(both)
        assert found.status == "affected"
        assert found.records == ("A", "B")
        assert "A: the record gives no versions" in found.why

    def test_what_nobody_can_decide_says_why(self):
        (found,) = findings([record("A", affected=ONLY_COMMITS)])
        assert found.status == "undecided"
        assert found.why == "A: the record gives no versions, only commits or nothing"
        assert found.minimal_fix is None

    def test_it_is_as_severe_as_the_worst_of_its_records(self):
        both = [record("A", aliases=("B",), database_severity="low"), record("B", severity=(CRITICAL,))]
        (found,) = findings(both)
        assert (found.rating.severity, found.rating.score) == ("critical", "9.8")

    def test_a_record_without_a_severity_takes_nothing_away(self):
        (found,) = findings([record("A", aliases=("B",)), record("B", database_severity="low")])
        assert found.rating.severity == "low"

    def test_no_severity_at_all_is_unknown(self):
        (found,) = findings([record("A")])
        assert found.rating.severity == "unknown"

    def test_a_severity_that_cannot_be_read_is_noted(self):
        (found,) = findings([record("A", severity=(Severity("CVSS_V3", "CVSS:3.1/nonsense"),))])
        assert [each.code for each in found.notes] == ["vulnerability.severity-unclear"]

    def test_the_summary_is_the_first_that_there_is(self):
        (found,) = findings([record("A", aliases=("B",)), record("B", summary="Sandbox escape.")])
        assert found.summary == "Sandbox escape."

    def test_without_one_it_is_the_first_line_of_the_details_that_is_no_heading(self):
        (found,) = findings([record("A", details="\n### Impact\n\nSandbox escape.\nMore of it.")])
        assert found.summary == "Sandbox escape."

    def test_a_summary_without_an_end_is_cut(self):
        (found,) = findings([record("A", details="x" * 10_000_000)])
        assert len(found.summary) == MAX_SUMMARY

    def test_references_of_all_records_are_there_once(self):
        both = [record("A", aliases=("B",), references=("u", "v")), record("B", references=("v", "w"))]
        (found,) = findings(both)
        assert found.references == ("u", "v", "w")

    def test_a_hundred_thousand_references_are_not_all_told(self):
        (found,) = findings([record("A", references=tuple(map(str, range(100_000))))])
        assert len(found.references) == MAX_REFERENCES

    def test_a_record_that_could_not_be_read_is_a_finding_of_its_own(self):
        found = findings([record("A", aliases=("B",))], refused=("B", "B"))
        assert [(each.ids, each.status) for each in found] == [(("A", "B"), "affected"), (("B",), "undecided")]

    def test_nothing_affects_and_nothing_was_refused_finds_nothing(self):
        assert findings([record("A", fixed="1.0")]) == ()

    def test_findings_come_in_one_order(self):
        several = [record("GHSA-1"), record("PYSEC-1"), record("CVE-1")]
        assert ids(several) == ids(several[::-1]) == [("CVE-1",), ("PYSEC-1",), ("GHSA-1",)]


def test_an_alias_that_is_another_packages_id_merges_nothing_across_packages():
    ours = [record("A", aliases=("CVE-1",))]
    theirs = [record("B", "flask", aliases=("CVE-1",), fixed="9")]
    assert ids(ours) == [("CVE-1", "A")]
    assert [each.ids for each in findings(theirs, package("flask", "1.0"))] == [("CVE-1", "B")]
