"""Pages in a real browser: nothing is fetched or broken, nothing is wider than a window, and everybody can use them."""

import pytest

from tests.support.peers.peers import missing
from tools.pages import looking, samples
from tools.screenshots import pages, written
from verifier.reports.html import verdicts

pytestmark = pytest.mark.interop
NAMES = sorted(pages())
SERIOUS = {"serious", "critical"}
EXPECTED = {
    "accepted": {"summary", "div", "input", "button"},
    "denied": {"summary", "div", "button"},
    "several": {"summary", "div", "a", "button"},
    "audit": {"div", "input", "button"},
    "status": {"summary", "div", "a"},
}
"""What the keyboard comes to: what unfolds, scrolls, searches, sorts and copies."""
HOSTILE = "</style></script><img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    if problem := looking.missing():
        missing(problem)
    return written(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="module")
def seen(files):
    """Each page in both themes, in a wide and in a narrow window, by name, width and theme."""
    asked = {
        (name, width, scheme): {
            "page": files[name],
            "width": width,
            "scheme": scheme,
            "rules": True,
            "keys": width == 400,
        }
        for name in NAMES
        for width in (1280, 400)
        for scheme in ("light", "dark")
    }
    return dict(zip(asked, looking.look(list(asked.values())), strict=True))


@pytest.mark.parametrize("name", NAMES)
class TestAPage:
    def test_has_no_failure_of_a_script_or_of_its_policy_and_asks_nobody(self, seen, name):
        found = [(each["failures"], each["requests"]) for key, each in seen.items() if key[0] == name]
        assert found == [([], [])] * 4

    def test_is_never_wider_than_its_window(self, seen, name):
        assert {each["overflow"] for key, each in seen.items() if key[0] == name} == {0}

    def test_violates_no_rule_of_axe_that_keeps_anybody_out(self, seen, name):
        found = [
            (key[1:], violation["id"], violation["nodes"])
            for key, each in seen.items()
            if key[0] == name
            for violation in each["violations"]
            if violation["impact"] in SERIOUS
        ]
        assert found == []

    def test_all_that_can_be_used_is_reached_by_the_keyboard_and_shows_that_it_is(self, seen, name):
        places = seen[name, 400, "light"]["keys"]
        assert places[0]["name"] == "Skip to the report"
        assert [each for each in places if not each["shown"]] == []
        assert {each["element"] for each in places} >= EXPECTED[name]


def test_a_table_is_searched(files):
    (found,) = looking.look([{"page": files["audit"], "search": "cve-2026-10005"}])
    assert found["search"]["told"] == "1 of 11 rows"


def test_without_scripts_a_page_is_the_same_but_for_what_they_add(files):
    with_them, without = looking.look(
        [{"page": files["accepted"], "texts": True}, {"page": files["accepted"], "texts": True, "scripts": False}]
    )
    assert without["failures"] == []
    assert "PASSED bundle:authz 1.4.0" in without["texts"]
    whole = "\n".join(with_them["texts"])
    assert [line for line in without["texts"] if line not in whole] == []


def test_what_is_printed_is_unfolded_and_whole(files, tmp_path):
    (found,) = looking.look([{"page": files["accepted"], "paper": tmp_path / "page.pdf"}])
    assert found["pages"] >= 3
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


def test_hostile_text_runs_nothing(tmp_path):
    if problem := looking.missing():
        missing(problem)
    verdict = samples.verdict(HOSTILE, name=HOSTILE)
    page = tmp_path / "hostile.html"
    page.write_text(verdicts.render(samples.Dossier(verdicts=(verdict,), history=samples.history())))
    (found,) = looking.look([{"page": page, "texts": True, "width": 400}])
    assert (found["failures"], found["requests"], found["overflow"]) == ([], [], 0)
    assert found["title"] != "run"


@pytest.mark.parametrize("size", [10_000])
def test_very_many_components_are_shown_and_scrolled_through(tmp_path, size):
    if problem := looking.missing():
        missing(problem)
    page = tmp_path / "many.html"
    page.write_text(verdicts.render(samples.accepted(size)))
    (found,) = looking.look([{"page": page, "search": "numpy-extra-9999", "scroll": True}])
    assert found["search"]["told"].endswith("rows")
    assert found["scroll"]["reached"]
    assert found["overflow"] == 0
