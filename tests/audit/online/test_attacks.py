"""What a hostile service, index or target tries."""

from __future__ import annotations

import json

import pytest

from tests.support.audit.made import NOW, package
from tests.support.audit.services.faults import says
from tests.support.audit.services.osv import CANARY, osv, record
from tests.support.audit.services.pypi import Release, pypi
from tests.support.audit.services.site import answer
from verifier.audit.askable import unaskable
from verifier.audit.online.canary import Canary, parse_canary
from verifier.audit.online.index import IndexService
from verifier.audit.online.osv import OsvService
from verifier.core.errors import ConfigurationError
from verifier.core.value import replace
from verifier.net.access import Access

ACME = package("acme", "1.0")
FIXED = record("PYSEC-1-1", "acme", introduced="5.0")


def asked(site, *packages, **more):
    service = OsvService(url=site.url, pause=lambda _: None, **more)
    return service.ask(packages or [ACME], NOW)


def is_unavailable(answers, *packages):
    codes = {each.code for each in answers.reasons}
    return codes == {"vulnerability.source-unavailable"} and all(
        each.purl in answers.unknown for each in packages or [ACME]
    )


def batch(site, change):
    """The service changes every answer to a batch."""
    honest = site.honest

    def answered(each):
        status, value, fields = honest(each)
        return (status, change(value), fields) if each.path.endswith("querybatch") else (status, value, fields)

    site.honest = answered


@pytest.mark.parametrize(
    "identifier",
    ["../../admin", "A-1?x=1", "A-1#", "", "-", "A" * 201, "A-1\r\nX: y", "Ａ-1", "A-1\x1b[2J", "..", 5, None, ["A-1"]],
)
def test_an_id_that_would_lead_elsewhere_is_never_asked_for(identifier):
    with osv(FIXED) as site:
        batch(site, lambda value: {"results": [{"vulns": [{"id": identifier}]} for _ in value["results"]]})
        answers = asked(site)
    assert is_unavailable(answers)
    assert {each.path for each in site.asked} <= {"/v1/querybatch", "/v1/vulns/PYSEC-2019-217"}


@pytest.mark.parametrize(
    "result",
    [
        *(
            {"vulns": None},
            {"vulns": {}},
            {"vulns": "A-1"},
            {"vulns": [None]},
            {"next_page_token": 5},
            [],
            5,
            "x",
            True,
        ),
        {"vulns": [{"id": "A-1"}], "next_page_token": "x" * 5_000},
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_result_of_another_shape_is_none(result):
    with osv(FIXED) as site:
        batch(site, lambda value: {"results": [result for _ in value["results"]]})
        assert is_unavailable(asked(site))


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": ' + b"[" * 100_000,
        b'{"results": [' + b"{}," * 900_000 + b"{}]}",
        b"[" * 600 + b"]" * 600,
        b'{"results": [], "results": []}',
        b'{"results": NaN}',
        b'\xef\xbb\xbf{"results": []}',
        b'{"results": []} {}',
        b'{"results": ["\\ud800"]}',
    ],
    ids=["deep", "wide", "nested", "doubled", "NaN", "a byte order mark", "two values", "half a character"],
)
def test_an_answer_that_is_no_sound_json_is_none(body):
    with osv(FIXED) as site:
        batch(site, lambda _: body)
        assert is_unavailable(asked(site))


def test_a_record_that_is_far_too_large_is_none():
    large = json.dumps({**FIXED, "details": "x" * (11 * 1024 * 1024)}).encode()
    with osv(FIXED) as site:
        site.records["PYSEC-1-1"] = large
        answers = asked(site)
    assert is_unavailable(answers)
    assert "more than 10485760 bytes" in answers.reasons[0].message


def test_a_service_that_doles_out_its_answer_is_given_up():
    with osv(FIXED) as site:

        def drip(exchange, _):
            exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not exchange.server.over.wait(0):
                exchange.wfile.write(b" ")

        site.faults = dict.fromkeys([_post(site)], drip)
        answers = asked(site, whole_s=0.5, access=Access(timeout_s=5.0))
    assert answers.unknown


def _post(site):
    """The one batch that is asked for."""
    asked(site)
    return next(each for each in site.asked if each.method == "POST")


@pytest.mark.parametrize(
    "canary",
    [
        {**CANARY, "withdrawn": "2024-01-01T00:00:00Z"},
        {**CANARY, "affected": [{**CANARY["affected"][0], "package": {"name": "jinja2", "ecosystem": "Root:PyPI"}}]},
        {**CANARY, "affected": [{**CANARY["affected"][0], "package": {"name": "jinja2", "ecosystem": "npm"}}]},
    ],
    ids=["withdrawn", "of a rebuild", "of another ecosystem"],
)
def test_a_canary_that_counts_for_nothing_is_none(canary):
    with osv(FIXED) as site:
        site.records[CANARY["id"]] = canary
        assert is_unavailable(asked(site))


def test_a_service_that_lists_records_of_a_rebuild_is_not_believed():
    rebuilt = record("PYSEC-1-2", "acme")
    rebuilt["affected"][0]["package"]["ecosystem"] = "Root:PyPI"
    with osv(FIXED) as site:
        site.records["PYSEC-1-2"] = rebuilt
        site.by_name[("PyPI", "acme")].append({**record("PYSEC-1-2", "acme")})
        assert is_unavailable(asked(site))


def test_a_key_in_other_letters_is_another_record():
    with osv(record("PYSEC-1-1", "acme")) as site:
        site.records["PYSEC-1-1"] = {**site.records["PYSEC-1-1"], "Affected": []}
        answers = asked(site)
    assert answers.refused == {ACME.purl: ("PYSEC-1-1",)}


@pytest.mark.parametrize("name", ["../../admin", "a/b", "a?b", "a#b", "a b", "%2e%2e", "ａcme", "a\r\nb", ""])
def test_a_name_that_would_lead_elsewhere_is_told_to_no_index(name):
    odd = replace(ACME, name=name)
    with pypi(releases={"acme": [Release("1.0")]}) as site:
        own = f"{site.url}/simple"
        found = IndexService(url=own).describe([replace(odd, index=own)])
        assert (site.asked, found.packages[0].name) == ([], name)
    assert unaskable(odd) == "its name is none that an index of Python takes"


def test_an_index_cannot_send_us_to_another_one():
    with pypi(releases={"acme": [Release("1.0")]}) as other, pypi(releases={}) as site:
        own = f"{site.url}/simple"
        honest = site.honest
        site.honest = lambda each: (
            (302, b"", {"Location": f"{other.url}/simple/acme/"}) if "acme" in each.path else honest(each)
        )
        found = IndexService(url=own, pause=lambda _: None).describe([replace(ACME, index=own)])
        assert other.asked == []
    assert [each.code for each in found.reasons] == ["vulnerability.source-unavailable"]


@pytest.mark.parametrize(
    "text", ["", "=", "jinja2@2.10=A-1", "pkg:pypi/jinja2=A-1", "pkg:pypi/jinja2@2.10=", "pkg:pypi/jinja2@2.10=A 1"]
)
def test_a_canary_that_is_none_is_refused(text):
    with pytest.raises(ConfigurationError) as caught:
        parse_canary(text, where="--service-canary")
    assert caught.value.where == "--service-canary"


def test_a_canary_of_any_ecosystem():
    assert parse_canary("pkg:deb/debian/curl@7.1?distro=bookworm=DSA-1-1", where="") == Canary(
        ecosystem="deb", namespace="debian", name="curl", version="7.1", id="DSA-1-1"
    )


def test_words_of_a_service_are_in_no_message():
    with osv(FIXED) as site:
        secret = json.dumps({"message": "token ghp_0123456789"}).encode()
        site.faults = {_post(site): lambda exchange, _: answer(exchange, secret, status=403)}
        answers = asked(site)
        site.faults = {_post(site): says(secret)} if not site.faults else {each: says(secret) for each in site.faults}
        more = asked(site)
    assert is_unavailable(answers)
    assert "ghp_" not in f"{answers.reasons}{more.reasons}"
