"""Stored logins: what each tool writes is found, and what can be read in two ways is refused."""

import base64
import json

import pytest

from verifier.core.errors import Refused
from verifier.formats.oci.logins import Login, read_answer, read_logins

HOST, NAME = "registry.acme.example:5000", "team/app"


def auth(username="user", password="pass"):  # noqa: S107  (nobody's)
    return {"auth": base64.b64encode(f"{username}:{password}".encode()).decode()}


def read(**document):
    return read_logins(json.dumps(document).encode(), subject="config.json")


def found(entries, registry=HOST, repository=NAME):
    return read(auths=entries).entry_for(registry, repository)


def refusal(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.reasons[0]


@pytest.mark.parametrize(
    "name",
    [HOST, f"https://{HOST}", f"http://{HOST}/", f"https://{HOST}/v2/", f"{HOST}/v2/", f"{HOST}/v1", f"{HOST}/team"],
)
def test_an_entry_is_found_in_every_spelling_that_tools_write(name):
    assert found({name: auth()}) == Login(username="user", password="pass")


@pytest.mark.parametrize(
    "name",
    [
        "registry.acme.example",
        "registry.acme.example:50000",
        f"x{HOST}",
        f"{HOST}.example",
        f"{HOST}/tea",
        f"{HOST}/team/app2",
        f"{HOST}/team/app/below",
        f"user@{HOST}",
        "",
        "*",
    ],
)
def test_an_entry_for_something_else_is_not(name):
    assert found({name: auth()}) is None


def test_the_longest_entry_that_fits_counts():
    entries = {HOST: auth("all"), f"{HOST}/team": auth("team"), f"{HOST}/team/app": auth("app")}
    assert found(entries).username == "app"
    assert found(entries, repository="team/other").username == "team"
    assert found(entries, repository="other").username == "all"


@pytest.mark.parametrize("name", ["https://index.docker.io/v1/", "docker.io", "index.docker.io"])
def test_dockers_own_registry_has_three_names(name):
    assert found({name: auth()}, registry="docker.io").username == "user"
    assert read(credHelpers={name: "x"}).program_for("docker.io") == "x"


def test_user_name_and_password_may_stand_apart():
    assert found({HOST: {"username": "user", "password": "p:w"}}) == Login(username="user", password="p:w")


def test_a_password_may_hold_colons_and_padding_is_not_part_of_it():
    assert found({HOST: auth(password="a:b:c\0\0")}).password == "a:b:c"


@pytest.mark.parametrize("kind", ["identity", "registry"])
def test_a_token_is_kept_apart_from_a_password(kind):
    login = found({HOST: auth("00000000-0000-0000-0000-000000000000") | {f"{kind}token": "t0ken"}})
    assert login == Login(**{f"{kind}_token": "t0ken"})


def test_an_empty_entry_stands_for_what_a_program_keeps():
    logins = read(auths={HOST: {}}, credsStore="desktop", credHelpers={"other": "gcloud"})
    assert logins.entry_for(HOST, NAME) is None
    assert (logins.program_for(HOST), logins.program_for("other")) == ("desktop", "gcloud")


def test_other_settings_are_nobodys_business_here():
    assert found({HOST: auth()} | {}) is not None
    assert read(HttpHeaders={"a": "b"}, psFormat="{{.ID}}", plugins={}).program_for(HOST) is None


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", "json.invalid"),
        (b"[]", "input.credentials-unusable"),
        (b'{"auths":[]}', "input.credentials-unusable"),
        (b'{"auths":{},"auths":{}}', "json.duplicate-key"),
        (b'{"auths":{},"Auths":{}}', "json.case-variant-key"),
        (b'\xef\xbb\xbf{"auths":{}}', "json.invalid"),
        (b'{"auths":{}} {}', "json.trailing-data"),
        ('{"auths":{}}'.encode("utf-16"), "json.invalid"),
        (b'{"auths":{"a":{"auth":"!"}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"auth":"dXNlcg=="}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"auth":"dXNlcjo="}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"auth":"//8="}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"auth":5}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"username":"user"}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"username":"us:er","password":"p"}}}', "input.credentials-unusable"),
        (b'{"auths":{"a":{"username":"us\\ner","password":"p"}}}', "input.credentials-unusable"),
        (b'{"credsStore":"../../bin/sh"}', "input.credentials-unusable"),
        (b'{"credsStore":"a b"}', "input.credentials-unusable"),
        (b'{"credsStore":".."}', "input.credentials-unusable"),
        (b'{"credsStore":["a"]}', "input.credentials-unusable"),
        (b'{"credHelpers":{"a":""}}', "input.credentials-unusable"),
        (b'{"credHelpers":{"a":"x;y"}}', "input.credentials-unusable"),
        (json.dumps({"auths": {str(n): {} for n in range(1_001)}}).encode(), "input.credentials-unusable"),
    ],
)
def test_a_file_that_cannot_be_read_in_one_way_is_refused(document, code):
    assert refusal(read_logins, document, subject="config.json").code == code


def test_a_refusal_repeats_no_secret():
    found_reason = refusal(read, auths={HOST: {"auth": "c2VjcmV0OnMzY3JldA==!"}})
    assert "c2Vjcm" not in found_reason.message


def test_what_is_shown_of_logins_holds_no_secret():
    assert "s3cret" not in repr(read(auths={HOST: auth(password="s3cret")})) + repr(Login(password="s3cret"))


class TestWhatAProgramAnswers:
    def test_a_user_name_and_a_password(self):
        answer = json.dumps({"ServerURL": HOST, "Username": "user", "Secret": "pass"}).encode()
        assert read_answer(answer, subject="x") == Login(username="user", password="pass")

    def test_a_token_in_the_place_of_both(self):
        answer = json.dumps({"Username": "<token>", "Secret": "t0ken"}).encode()
        assert read_answer(answer, subject="x") == Login(identity_token="t0ken")

    @pytest.mark.parametrize(
        "answer",
        [
            b"",
            b"{}",
            b"user:pass",
            b'{"Username":"","Secret":"x"}',
            b'{"Username":"x","Secret":""}',
            b'{"Username":"x"}',
            b'{"username":"x","Secret":"y"}',
            b'{"Username":"a:b","Secret":"y"}',
            b'{"Username":"a","Username":"b","Secret":"y"}',
            b'{"Username":"a","Secret":{"b":"c"}}',
        ],
    )
    def test_anything_else_is_refused(self, answer):
        assert refusal(read_answer, answer, subject="x").code.partition(".")[0] in {"json", "input"}
