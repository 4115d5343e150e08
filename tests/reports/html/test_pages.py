"""Pages of verdicts and of audits: self-contained, escaped, and no word that nobody knows."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.audit.results import results
from tests.support.pages.page import Page, asked_for, digest_of
from tests.support.verdicts import DIGESTS, HOSTILE, MOMENTS, dossier, verdicts
from tools.pages import samples
from verifier.core.version import VERSION
from verifier.formats.bom.component import Component, License
from verifier.formats.verdict.dossier import Happened
from verifier.reports.html import audits
from verifier.reports.html.verdicts import render

HISTORY = st.builds(
    Happened,
    time=MOMENTS,
    what=st.sampled_from(("accepted", "denied", "floor", "quarantine", "import")) | HOSTILE,
    version=st.none() | HOSTILE,
    digest=st.none() | DIGESTS,
    codes=st.lists(HOSTILE, max_size=2).map(tuple),
    comment=HOSTILE,
)
COMPONENTS = st.lists(
    st.builds(
        Component,
        type=HOSTILE,
        ecosystem=HOSTILE,
        name=HOSTILE,
        version=st.none() | HOSTILE,
        namespace=HOSTILE,
        licenses=st.lists(st.builds(License, text=HOSTILE, form=st.just("name")), max_size=1).map(tuple),
        purl=HOSTILE,
    ),
    max_size=3,
).map(tuple)
MARKUP = (
    *("<script>alert(1)</script>", "</style></script><svg onload=alert(1)>", '" onfocus="alert(1)', "' autofocus '"),
    *("--><img src=x>", "<!--", "]]>", "&lt;b&gt;", "javascript:alert(1)", "`<b>`", "<wbr", "\u202e\u2066", "\ud800"),
)
BETWEEN = {"wbr", "code", "title"}
"""Elements that depend on how long a text is."""
SAMPLES = {
    "accepted": lambda: render(samples.accepted()),
    "denied": lambda: render(samples.denied()),
    "several": lambda: render(samples.several()),
    "audit": lambda: audits.render(samples.audit()),
}


def hostile_dossiers():
    return st.builds(
        dossier,
        verdicts(),
        history=st.lists(HISTORY, max_size=3).map(tuple),
        components=COMPONENTS,
        components_before=COMPONENTS,
    )


@pytest.mark.parametrize("name", SAMPLES)
class TestAPage:
    def test_asks_for_nothing(self, name):
        assert asked_for(SAMPLES[name]()) == []

    def test_lets_its_own_style_and_script_count_and_nothing_else(self, name):
        page = Page(SAMPLES[name]())
        (style,), (script,) = page.named("style"), page.named("script")
        assert page.policy == {
            "default-src": "'none'",
            "style-src": digest_of(style.text),
            "script-src": digest_of(script.text),
            "base-uri": "'none'",
            "form-action": "'none'",
        }

    def test_says_its_policy_before_anything_that_it_is_for(self, name):
        names = [each.name for each in Page(SAMPLES[name]()).elements]
        assert names[:4] == ["html", "head", "meta", "meta"]

    def test_names_the_program(self, name):
        said = {each.said.get("name"): each.said.get("content") for each in Page(SAMPLES[name]()).named("meta")}
        assert said["generator"] == f"policy-verifier {VERSION}"

    def test_is_ascii_whatever_it_shows(self, name):
        SAMPLES[name]().encode("ascii")

    def test_has_each_id_once_and_leads_to_ids_that_there_are(self, name):
        page = Page(SAMPLES[name]())
        ids = [each.said["id"] for each in page.elements if "id" in each.said]
        assert len(ids) == len(set(ids))
        named = [each.said[name] for each in page.elements for name in ("aria-labelledby",) if name in each.said]
        linked = [each.said["href"][1:] for each in page.elements if "href" in each.said]
        assert {*named, *linked} <= set(ids)

    def test_has_one_main_heading_and_leaves_no_level_out(self, name):
        levels = [int(each.name[1]) for each in Page(SAMPLES[name]()).elements if re.fullmatch("h[1-6]", each.name)]
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_every_table_has_a_caption_and_headings_of_columns_and_rows(self, name):
        page = Page(SAMPLES[name]())
        assert len(page.named("caption")) == len(page.named("table")) > 0
        assert {each.said.get("scope") for each in page.named("th")} == {"col", "row"}

    def test_the_same_makes_the_same_bytes(self, name):
        assert SAMPLES[name]() == SAMPLES[name]()


class TestHostileText:
    @settings(max_examples=60)
    @given(what=hostile_dossiers())
    def test_of_verdicts_is_text_and_nothing_else(self, what):
        document = render(what)
        assert asked_for(document) == []
        assert not {unicodedata.category(each) for each in set(document) - {"\n"}} & {"Cc", "Cf", "Cs", "Zl", "Zp"}

    @settings(max_examples=30)
    @given(what=results())
    def test_of_audits_is_text_and_nothing_else(self, what):
        assert asked_for(audits.render(what)) == []

    @pytest.mark.parametrize("text", MARKUP)
    def test_is_shown_as_it_is_written_wherever_it_stands(self, text):
        assert _elements(_with(text)) == _elements(_with("plain"))

    def test_reorders_nothing_around_it(self):
        page = Page(render(_with("\u202eevil\u2066")))
        assert "\\u202eevil\\u2066" in page.text


def _elements(what):
    return [each.name for each in Page(render(what)).elements if each.name not in BETWEEN]


def _with(text):
    verdict = samples.verdict(text, name=text)
    event = Happened(time=samples.NOW, what=text, version=text, codes=(text,), comment=text)
    component = Component(type=text, ecosystem=text, name=text, version=text, namespace=text, purl=text)
    return dossier(verdict, history=(event, event), components=(component,), components_before=())


class TestWhatIsNotKnown:
    def test_is_said_where_it_would_stand(self):
        text = Page(render(dossier(samples.verdict()))).text
        assert "No history was at hand" in text
        assert "No components were at hand" in text

    def test_of_the_version_before_is_said_beside_components(self):
        text = Page(render(dossier(samples.verdict(), components=samples.components(3)))).text
        assert "No components of the version accepted last were at hand" in text
        assert "What changed" not in text

    def test_no_section_is_there_for_it(self):
        page = Page(render(dossier(samples.verdict())))
        assert {"history", "changes", "components", "audit"}.isdisjoint(each.said.get("id") for each in page.elements)

    def test_an_evidence_that_nobody_has_proven_has_no_signer_in_the_drawing(self):
        page = Page(render(samples.denied()))
        (drawing,) = [each for each in page.named("svg") if "Chain" in (each.said.get("aria-label") or "")]
        assert "0 of 4 pieces of evidence proven" in drawing.said["aria-label"]
        assert "nobody" in drawing.text
        assert "release" not in drawing.text

    def test_nor_in_the_table_whatever_it_claims(self):
        verdict = samples.denied().verdicts[0]
        assert any(each.signer == "release" and not each.verified for each in verdict.evidence)
        assert "release" not in Page(render(dossier(verdict))).by_id("v1-evidence").text


class TestWhatIsThere:
    def test_digests_are_whole_and_in_one_piece(self):
        verdict = samples.verdict()
        document = render(dossier(verdict))
        for digest in (verdict.subject.digest, verdict.policy.digest, verdict.rule_digest):
            assert f'<code class="digest">{digest}</code>' in document

    def test_every_event_is_in_the_table_and_the_newest_are_in_the_drawing(self):
        events = tuple(Happened(time=samples.NOW, what="accepted", version=f"0:1.{at}.0") for at in range(60))
        page = Page(render(dossier(samples.verdict(), history=events)))
        listed, (drawing,) = (
            page.by_id("history-events"),
            [each for each in page.named("svg") if (each.said.get("aria-label") or "").startswith("Timeline")],
        )
        assert all(f"1.{at}.0" in listed.text for at in range(60))
        assert "1.59.0" in drawing.text
        assert "1.10.0" not in drawing.text
        assert "the newest of 60" in drawing.said["aria-label"]

    def test_what_this_run_decided_and_nobody_wrote_down_is_told_apart(self):
        assert "this run" in Page(render(samples.denied())).text
        assert "this run" not in Page(render(samples.accepted())).text

    def test_what_changed_is_counted_and_listed(self):
        before = (component("one", "1"), component("two", "1"), component("three", "1"))
        after = (component("two", "1"), component("three", "2"), component("four", "1"))
        page = Page(render(dossier(samples.verdict(), components=after, components_before=before)))
        rows = [each.text for each in page.named("tr")]
        assert "fouraddedpypi1" in rows
        assert "oneremovedpypi1" in rows
        assert "threechangedpypi12" in rows
        assert not any(each.startswith("twochanged") for each in rows)

    def test_each_of_several_artifacts_is_led_to_from_the_top(self):
        page = Page(render(samples.several()))
        links = [each.said["href"] for each in page.named("a") if each.said["href"].startswith("#v")]
        assert links == ["#v1", "#v2", "#v3", "#v4"]

    def test_what_follows_from_another_reason_stands_within_it(self):
        page = Page(render(samples.denied()))
        (folded,) = [each for each in page.named("details") if "follows from it" in each.text]
        assert "freshness.no-signed-time" in folded.text

    @settings(max_examples=30)
    @given(verdict=verdicts())
    def test_no_reason_is_left_out(self, verdict):
        text = Page(render(dossier(verdict))).text
        for reason in verdict.reasons:
            assert reason.code in text


def component(name, version):
    return Component(type="library", ecosystem="pypi", name=name, version=version)
