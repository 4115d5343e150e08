"""Gatekeeper's protocol of external data: one reading of a request, and answers that no reader takes for another."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.core.errors import Refused
from verifier.formats.gatekeeper.external_data import (
    API_VERSION,
    MAX_KEYS,
    Item,
    read_request,
    write_failure,
    write_response,
)

KEY = "registry.acme.example/acme/app:1.4.0"


def request(*keys, **changes):
    return {"apiVersion": API_VERSION, "kind": "ProviderRequest", "request": {"keys": list(keys)}} | changes


def written(value):
    return json.dumps(value).encode()


class TestARequest:
    def test_has_its_keys_in_their_order(self):
        assert read_request(written(request("b", "a"))) == ("b", "a")

    def test_asks_once_for_a_key_that_stands_there_twice(self):
        """Two containers of one image, say: Rego's comprehension lists both."""
        assert read_request(written(request("a", "b", "a"))) == ("a", "b")

    @pytest.mark.parametrize("asked", [{}, {"keys": None}, {"keys": []}], ids=str)
    def test_without_keys_asks_for_nothing(self, asked):
        assert read_request(written(request(request=asked))) == ()

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"\xff",
            written(request(KEY))[:-1],
            written(request(KEY)) + b"{}",
            b"\xef\xbb\xbf" + written(request(KEY)),
            json.dumps(request(KEY)).encode("utf-16"),
            written(request(KEY, apiVersion="externaldata.gatekeeper.sh/v1alpha1")),
            written(request(KEY, apiVersion="")),
            written(request(KEY, kind="ProviderResponse")),
            written(request(KEY, request=None)),
            written(request(KEY, request=[])),
            written(request(KEY, request={"keys": KEY})),
            written(request(KEY, request={"keys": {KEY: 1}})),
            written(request(1)),
            written(request(None)),
            written(request([KEY])),
            written(request(KEY, request={"keys": [KEY], "Keys": []})),
            written(request(KEY, request={"KEYS": [KEY]})),
            written(request(KEY, more=1)),
            written(request(KEY, request={"keys": [KEY], "more": 1})),
            written(request(*map(str, range(MAX_KEYS + 1)))),
            b'{"apiVersion":"'
            + API_VERSION.encode()
            + b'","kind":"ProviderRequest","request":{"keys":["a"],"keys":["b"]}}',
            b'{"apiVersion":"' + API_VERSION.encode() + b'","kind":"ProviderRequest","request":{"keys":["\\ud800"]}}',
            b'{"request":' * 5_000 + b"1" + b"}" * 5_000,
        ],
        ids=lambda body: repr(body[:60]),
    )
    def test_that_is_anything_else_is_malformed(self, body):
        with pytest.raises(Refused) as refused:
            read_request(body)
        assert [reason.code for reason in refused.value.reasons] == ["request.malformed"]

    @given(st.binary(max_size=300))
    def test_of_any_bytes_is_read_or_refused(self, body):
        try:
            read_request(body)
        except Refused as refused:
            codes = {reason.code for reason in refused.reasons}
        else:
            codes = {"request.malformed"}
        assert codes == {"request.malformed"}


class TestAnAnswer:
    def test_has_an_item_for_each_key_and_says_that_asking_again_changes_nothing(self):
        found = json.loads(write_response([Item(key="a", value="v"), Item(key="b", error="e")]))
        assert found == {
            "apiVersion": API_VERSION,
            "kind": "ProviderResponse",
            "response": {
                "idempotent": True,
                "items": [{"key": "a", "value": "v", "error": ""}, {"key": "b", "value": "", "error": "e"}],
                "systemError": "",
            },
        }

    @given(st.text())
    def test_names_each_key_exactly_as_it_was_asked_for(self, key):
        if any("\ud800" <= each <= "\udfff" for each in key):
            return
        body = write_response([Item(key=key, value="v")])
        assert body.isascii()
        assert json.loads(body)["response"]["items"][0]["key"] == key

    @pytest.mark.parametrize("item", [{}, {"value": "v", "error": "e"}], ids=str)
    def test_is_never_both_and_never_neither(self, item):
        with pytest.raises(ValueError, match="a value or an error"):
            Item(key="a", **item)

    def test_that_is_none_says_why_and_has_no_items(self):
        response = json.loads(write_failure("why"))["response"]
        assert (response["items"], response["systemError"]) == ([], "why")

    def test_that_is_none_for_no_reason_is_still_none(self):
        assert json.loads(write_failure(""))["response"]["systemError"]
