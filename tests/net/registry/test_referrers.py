"""What refers to a manifest, as an honest registry lists it, and as no other answer is taken for."""

import json

import pytest

from tests.support.net.registries import BUNDLE, NAME, descriptor, digest_of, registry
from tests.support.net.servers import server
from verifier.core.digest import Digest
from verifier.core.errors import Refused
from verifier.formats.oci.manifest import MAX_MANIFEST_BYTES, OCI_INDEX, OCI_MANIFEST, parse_reference
from verifier.net.access import Access
from verifier.net.registry.referrers import MAX_PAGES, MAX_REFERRERS, fallback_tag
from verifier.net.registry.repository import Repository

IMAGE = Digest.of(BUNDLE)
LISTING = f"/v2/{NAME}/referrers/{IMAGE}"
TAG = f"/v2/{NAME}/manifests/{fallback_tag(IMAGE)}"
UNKNOWN = json.dumps({"errors": [{"code": "MANIFEST_UNKNOWN"}]}).encode()


def entries(*names):
    return [descriptor(name.encode(), OCI_MANIFEST) for name in names]


def index(*names, **changes):
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries(*names)} | changes).encode()


def page(body, following=None, content_type=OCI_INDEX):
    """An answer with a page of a listing, and where the next one is."""
    link = {} if following is None else {"Link": f'<{following}>; rel="next"'}
    return lambda exchange: exchange.answer(body=body, Content_Type=content_type, **link)


def nothing(exchange):
    exchange.answer(404, UNKNOWN)


def no_such_api(exchange):
    exchange.answer(404, b"404 page not found\n")


@pytest.fixture
def held():
    with registry() as running:
        running.instead |= {LISTING: no_such_api, TAG: nothing}
        yield running


@pytest.fixture
def listing(held):
    """What is listed; the repository is closed afterwards."""
    made = []

    def listed():
        made.append(Repository(parse_reference(held.reference), Access(attempts=1)))
        return made[-1].referrers(IMAGE)

    yield listed
    for each in made:
        each.close()


def names(listed):
    """Of which of `a` to `f` the manifests are that are listed."""
    known = {digest_of(name.encode()): name for name in "abcdef"}
    return [known[str(each.digest)] for each in listed.descriptors]


def reason(listing):
    with pytest.raises(Refused) as refused:
        listing()
    return refused.value.reasons[0]


class TestHonestRegistries:
    def test_the_api_lists_them(self, held, listing):
        held.instead[LISTING] = page(index("a", "b"))
        assert names(listing()) == ["a", "b"]
        assert [path for path, _ in held.running.seen] == [LISTING]

    def test_the_tag_lists_them_where_there_is_no_api(self, held, listing):
        held.instead[TAG] = page(index("a"))
        found = listing()
        assert (names(found), found.by_api) == (["a"], False)
        assert [path for path, _ in held.running.seen] == [LISTING, TAG]

    @pytest.mark.parametrize("empty", [index(), index(manifests=None)])
    def test_what_was_pushed_before_there_was_an_api_is_found_too(self, held, listing, empty):
        held.instead |= {LISTING: page(empty), TAG: page(index("a"))}
        assert names(listing()) == ["a"]

    @pytest.mark.parametrize("code", ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"])
    @pytest.mark.parametrize("there", [no_such_api, nothing, page(index())])
    def test_nothing_is_what_the_registry_itself_says(self, held, listing, code, there):
        body = json.dumps({"errors": [{"code": code, "message": "whatever"}]}).encode()
        held.instead |= {LISTING: there, TAG: lambda exchange: exchange.answer(404, body)}
        assert names(listing()) == []

    def test_pages_are_followed_and_what_stands_twice_is_listed_once(self, held, listing):
        held.instead[LISTING] = lambda exchange: (
            page(index("b", "c")) if "?" in exchange.path else page(index("a", "b"), f"{LISTING}?last=b")
        )(exchange)
        assert names(listing()) == ["a", "b", "c"]

    @pytest.mark.parametrize(
        "link",
        [
            '<{}?x>; rel="next"',
            "<{}?x>; rel=next",
            '<{}?x> ; title="a, b"; rel="next"',
            '<{}?y>; rel="prev", <{}?x>; REL="next"',
            '<?x>;rel="next"',
        ],
    )
    def test_a_next_page_may_be_named_in_every_way_that_rfc_8288_has(self, held, listing, link):
        first = {"Content_Type": OCI_INDEX, "Link": link.replace("{}", LISTING)}
        held.instead[LISTING] = lambda exchange: (
            page(index("b"))(exchange) if "?x" in exchange.path else exchange.answer(body=index("a"), **first)
        )
        assert names(listing()) == ["a", "b"]

    def test_a_listing_of_many_referrers_is_read_whole(self, held, listing):
        many = [str(number) for number in range(2_000)]
        held.instead[LISTING] = page(index(*many))
        assert len(listing().descriptors) == 2_000

    def test_no_filter_is_sent_and_connections_are_kept(self, held, listing):
        listing()
        assert [path for path, _ in held.running.seen] == [LISTING, TAG]


ANOTHER_KIND = [
    pytest.param(lambda exchange: exchange.answer(500), "input.unreachable", id="500"),
    pytest.param(lambda exchange: exchange.answer(403), "input.unreachable", id="403"),
    pytest.param(lambda exchange: exchange.answer(401), "input.unreachable", id="401"),
    pytest.param(lambda exchange: exchange.answer(405), "input.unreachable", id="405"),
    pytest.param(lambda exchange: exchange.answer(204), "input.unreachable", id="204"),
    pytest.param(lambda exchange: exchange.answer(410), "input.unreachable", id="410"),
    pytest.param(lambda exchange: exchange.raw(b""), "input.unreachable", id="no answer"),
    pytest.param(page(b"<html>", content_type="text/html"), "image.malformed", id="html"),
    pytest.param(page(b"<html>"), "json.invalid", id="html called an index"),
    pytest.param(page(b"[]"), "image.malformed", id="[]"),
    pytest.param(page(b"null"), "image.malformed", id="null"),
    pytest.param(page(b""), "json.invalid", id="nothing"),
    pytest.param(page(index()[:-1]), "json.invalid", id="cut short"),
    pytest.param(page(index() * 2), "json.trailing-data", id="doubled"),
    pytest.param(page(index("a").decode().encode("utf-16")), "json.invalid", id="utf-16"),
    pytest.param(page(b'{"schemaVersion":2}'), "image.malformed", id="no list"),
    pytest.param(page(index(manifests={})), "image.malformed", id="an object for a list"),
    pytest.param(page(index(Manifests=[])), "json.case-variant-key", id="two lists for Go"),
    pytest.param(page(index(layers=[])), "image.malformed", id="a manifest as well"),
    pytest.param(page(index("a", mediaType=OCI_MANIFEST)), "image.malformed", id="called a manifest inside"),
    pytest.param(page(index("a"), content_type=OCI_MANIFEST), "image.malformed", id="called a manifest outside"),
    pytest.param(page(index("a"), content_type="application/json"), "image.malformed", id="called some JSON"),
]


class TestEverythingElse:
    @pytest.mark.parametrize(("say", "code"), ANOTHER_KIND)
    @pytest.mark.parametrize("path", [LISTING, TAG])
    def test_an_answer_that_is_no_listing_never_means_that_nothing_refers(self, held, listing, path, say, code):
        held.instead[path] = say
        assert reason(listing).code == code

    def test_a_404_that_is_not_the_registrys_own_words_is_none_of_a_tag(self, held, listing):
        held.instead[TAG] = no_such_api
        assert reason(listing).code == "input.unreachable"

    @pytest.mark.parametrize("path", [LISTING, TAG])
    def test_nor_is_one_of_a_server_that_was_redirected_to(self, held, listing, path):
        with server(nothing) as other:
            held.instead[path] = lambda exchange: exchange.answer(307, Location=f"{other.url}/x")
            assert reason(listing).code == "input.unreachable"

    def test_a_listing_cut_short_is_refused(self, held, listing):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {OCI_INDEX}\r\nContent-Length: 900\r\n\r\n"
        held.instead[LISTING] = lambda exchange: exchange.raw(head.encode() + index("a"))
        assert "before its stated length" in reason(listing).message

    def test_a_tag_that_is_another_digests_content_is_refused(self, held, listing):
        fields = {"Content_Type": OCI_INDEX, "Docker_Content_Digest": digest_of(b"other")}
        held.instead[TAG] = lambda exchange: exchange.answer(body=index("a"), **fields)
        assert reason(listing).code == "image.digest-mismatch"


class TestPagesOfARegistryThatMeansIll:
    def test_pages_without_end_are_given_up(self, held, listing):
        def say(exchange):
            page(index("a"), f"{LISTING}?n={len(held.running.seen)}")(exchange)

        held.instead[LISTING] = say
        assert reason(listing).code == "input.too-large"
        assert len(held.running.seen) == MAX_PAGES

    def test_a_page_that_leads_to_itself_is_refused(self, held, listing):
        held.instead[LISTING] = page(index("a"), LISTING)
        assert "again" in reason(listing).message

    @pytest.mark.parametrize(
        "following",
        ["//127.0.0.1:1/x", "http://127.0.0.1:1/x", "https://registry.acme.example/x", "file:///etc/passwd"],
    )
    def test_a_page_on_another_host_is_not_asked_for(self, held, listing, following):
        held.instead[LISTING] = page(index("a"), following)
        assert "another place" in reason(listing).message

    def test_two_next_pages_are_one_too_many(self, held, listing):
        link = f'<{LISTING}?x>; rel="next", <{LISTING}?y>; rel="next"'
        held.instead[LISTING] = lambda exchange: exchange.answer(body=index("a"), Content_Type=OCI_INDEX, Link=link)
        assert "two pages" in reason(listing).message

    @pytest.mark.parametrize("link", [f"{LISTING}?x; rel=next", f"<{LISTING}?x>; rel=next last", "<>; rel=next"])
    def test_a_next_page_that_cannot_be_read_is_not_passed_over(self, held, listing, link):
        held.instead[LISTING] = lambda exchange: exchange.answer(body=index("a"), Content_Type=OCI_INDEX, Link=link)
        assert reason(listing).code == "input.unreachable"

    @pytest.mark.parametrize("link", [" " * 60_000, '<a>;a="' * 8_000, "<" * 60_000, "<a>" + ";a=a" * 15_000])
    def test_a_next_page_that_costs_much_to_read_is_not_read(self, held, listing, link):
        held.instead[LISTING] = lambda exchange: exchange.answer(
            body=index("a"), Content_Type=OCI_INDEX, Link=f"x{link}x"
        )
        assert reason(listing).code == "input.unreachable"

    def test_pages_of_much_text_are_given_up_together(self, held, listing):
        much = index("a", annotations={"a": "b" * (MAX_MANIFEST_BYTES - 1_000)})

        def say(exchange):
            page(much, f"{LISTING}?n={len(held.running.seen)}")(exchange)

        held.instead[LISTING] = say
        assert reason(listing).code == "input.too-large"
        assert len(held.running.seen) == 5

    def test_a_second_page_that_is_missing_is_not_the_end(self, held, listing):
        held.instead[LISTING] = lambda exchange: (
            nothing if "?" in exchange.path else page(index("a"), f"{LISTING}?x")
        )(exchange)
        assert reason(listing).code == "input.unreachable"

    def test_a_page_of_more_than_4_mib_is_refused(self, held, listing):
        held.instead[LISTING] = page(index("a", annotations={"a": "b" * MAX_MANIFEST_BYTES}))
        assert reason(listing).code == "input.too-large"

    def test_ten_thousand_entries_are_refused(self, held, listing):
        held.instead[LISTING] = page(index(*map(str, range(10_000))))
        assert reason(listing).code in {"image.malformed", "json.too-many-values"}

    def test_so_are_as_many_on_several_pages(self, held, listing):
        def say(exchange):
            first = MAX_REFERRERS // 2 * len(held.running.seen)
            many = index(*map(str, range(first, first + MAX_REFERRERS // 2)))
            page(many, f"{LISTING}?n={first}")(exchange)

        held.instead[LISTING] = say
        assert reason(listing).code == "input.too-large"

    def test_an_index_that_lists_itself_is_a_listing_like_any_other(self, held, listing):
        held.instead[LISTING] = page(
            json.dumps({"schemaVersion": 2, "manifests": [descriptor(BUNDLE, OCI_INDEX)]}).encode()
        )
        assert [each.digest for each in listing().descriptors] == [IMAGE]
