"""What is said of an image: its digest where it may be used, and otherwise why not."""

import json
from datetime import timedelta

import pytest
from jsonschema import validate

from tests.support.gateway.images import DSSE, REPOSITORY, TAGGED, ask, items, signed, system_error
from tests.support.images.judged import signed_statement
from tests.support.images.made import layer
from tests.support.places import ROOT
from verifier.gateway.images.reference import Repositories
from verifier.ledger.interface import EventKind
from verifier.sources.upstream import Access

STATUS = json.loads((ROOT / "docs/schemas/gateway-status-v1.json").read_text())


def codes(error: str) -> list[str]:
    return error.partition(": ")[0].split(", ")


class TestAnImageThatMayBeUsed:
    def test_is_answered_by_its_digest(self, scene, digest):
        with scene.running() as gateway:
            answer = ask(gateway, TAGGED)
        assert (answer.status, system_error(answer), answer.json["response"]["idempotent"]) == (200, "", True)
        assert items(answer) == {TAGGED: (f"{REPOSITORY}@{digest}", "")}

    def test_is_answered_alike_once_it_is_pinned(self, scene, place, digest):
        pinned = f"{REPOSITORY}@{digest}"
        scene.places[pinned] = scene.places[f"{REPOSITORY}:1.4.0@{digest}"] = place
        with scene.running() as gateway:
            assert items(ask(gateway, pinned)) == {pinned: (pinned, "")}
            both = f"{REPOSITORY}:1.4.0@{digest}"
            assert items(ask(gateway, both)) == {both: (pinned, "")}

    def test_is_accepted_in_the_ledger(self, scene, digest):
        with scene.running() as gateway:
            ask(gateway, TAGGED)
        (event,) = scene.history()
        assert (event.kind, event.scope, str(event.digest), event.actor) == (
            EventKind.ACCEPTED,
            "image:app",
            digest,
            "gateway",
        )

    def test_is_not_written_down_where_nothing_is_to_be(self, scene, digest):
        with scene.running(images=scene.images(record=False)) as gateway:
            assert items(ask(gateway, TAGGED))[TAGGED] == (f"{REPOSITORY}@{digest}", "")
        assert scene.history() == []

    def test_is_told_once_until_it_changes(self, scene, digest):
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            event = scene.saw("image.accepted", image=TAGGED, digest=digest)
            assert event.correlation_id
            ask(gateway, TAGGED)
            ask(gateway, "registry.acme.example/acme/other:1.4.0")
            assert scene.events.get().name == "image.refused"

    @pytest.mark.usefixtures("digest")
    def test_is_counted(self, scene):
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            ask(gateway, TAGGED)
            counted = gateway.ask("/metrics").body.decode()
        assert 'verifier_gateway_images_total{code="accepted"} 2.0' in counted
        assert "verifier_gateway_image_verifications_total 1.0" in counted


class TestWhatMayNotBeUsed:
    def test_is_an_error_with_the_codes_and_no_value(self, scene, place):
        signed(place, key="")
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["signature.missing"])

    def test_by_a_stranger_is_an_error(self, scene, place):
        signed(place, key="p384")
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["signer.untrusted"])

    def test_has_nothing_but_a_report_by_the_right_key_is_an_error(self, scene, place):
        signed(place, predicate_type="https://cosign.sigstore.dev/attestation/vuln/v1")
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["signature.missing"])

    def test_cannot_be_had_is_an_error_and_never_a_value(self, scene, place):
        place.failing = "input.unreachable"
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["input.unreachable"])

    @pytest.mark.usefixtures("digest")
    def test_has_no_rule_is_an_error_and_nothing_is_fetched(self, scene):
        policy = scene.folder / "trust.toml"
        policy.write_text(policy.read_text().replace('"image:*"', '"image:other-*"'))
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error), scene.opened) == ("", ["trust.no-policy"], [])

    @pytest.mark.usefixtures("digest")
    def test_no_pattern_is_for_is_an_error_and_nothing_is_fetched(self, scene):
        key = "registry.evil.example/acme/app:1.4.0"
        with scene.running() as gateway:
            assert codes(items(ask(gateway, key))[key][1]) == ["trust.no-policy"]
        assert scene.opened == []

    @pytest.mark.usefixtures("digest")
    def test_leaves_the_others_of_its_request_as_they_are(self, scene):
        keys = ("nginx", TAGGED, "registry.acme.example/acme/gone:1", "\x00\u202e", "")
        with scene.running() as gateway:
            answer = ask(gateway, *keys)
        found = items(answer)
        assert list(found) == list(keys)
        assert {key for key, (value, _) in found.items() if value} == {TAGGED}
        assert codes(found["nginx"][1]) == ["image.ambiguous-reference"]
        assert "\u202e" not in found["\x00\u202e"][1]

    def test_is_denied_once_in_the_ledger_however_often_it_is_asked_about(self, scene, place):
        signed(place, key="")
        with scene.running() as gateway:
            for _ in range(3):
                ask(gateway, TAGGED)
                scene.clock.pass_by(seconds=30)
        assert [event.kind for event in scene.history()] == [EventKind.DENIED]
        assert place.opened == 3

    def test_cannot_be_had_fills_no_ledger(self, scene):
        with scene.running() as gateway:
            ask(gateway, *(f"registry.acme.example/acme/app:{each}" for each in range(20)))
        assert scene.history() == []


class TestTheLedger:
    def test_withdraws_an_image_at_the_next_request(self, scene, digest):
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            scene.withdraw(digest)
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["version.quarantined"])

    @pytest.mark.usefixtures("digest")
    def test_that_is_lost_is_an_error(self, scene):
        scene.ledger.unlink()
        with scene.running() as gateway:
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["ledger.unavailable"])

    @pytest.mark.usefixtures("digest")
    def test_that_was_put_back_is_not_believed(self, scene):
        with scene.running() as gateway:
            scene.withdraw("sha256:" + "0" * 64)
            ask(gateway, TAGGED)
            earlier = scene.ledger.read_bytes()
            scene.withdraw("sha256:" + "1" * 64)
            ask(gateway, TAGGED)
            for each in scene.folder.glob("ledger.db*"):
                each.unlink()
            scene.ledger.write_bytes(earlier)
            scene.ledger.chmod(0o600)
            ((value, error),) = items(ask(gateway, TAGGED)).values()
            assert (value, codes(error)[0].partition(".")[0]) == ("", "ledger")
            gateway.server.reload_soon()
            scene.saw("gateway.reloaded")
            ((value, error),) = items(ask(gateway, TAGGED)).values()
        assert (value, codes(error)) == ("", ["ledger.corrupt"])


class TestWhatIsKept:
    @pytest.mark.usefixtures("digest")
    def test_of_a_tag_is_kept_for_a_short_time(self, scene, place):
        with scene.running(images=scene.images(keep_tags=timedelta(seconds=10))) as gateway:
            ask(gateway, TAGGED)
            scene.clock.pass_by(seconds=9)
            ask(gateway, TAGGED)
            assert place.opened == 1
            moved = signed(place, label="1.5.0")
            scene.clock.pass_by(seconds=1)
            assert items(ask(gateway, TAGGED))[TAGGED] == (f"{REPOSITORY}@{moved}", "")
            assert place.opened == 2

    def test_of_a_digest_is_kept_for_longer(self, scene, place, digest):
        pinned = f"{REPOSITORY}@{digest}"
        scene.places[pinned] = place
        with scene.running() as gateway:
            ask(gateway, pinned)
            scene.clock.pass_by(seconds=299)
            ask(gateway, pinned)
            assert place.opened == 1
            scene.clock.pass_by(seconds=1)
            ask(gateway, pinned)
        assert place.opened == 2

    def test_of_a_denial_is_kept_for_seconds(self, scene, place):
        described = place.image([b"late"])
        place.pointing_at(described)
        with scene.running() as gateway:
            assert items(ask(gateway, TAGGED))[TAGGED][0] == ""
            place.refer(described, signed_statement(described).content, DSSE)
            scene.clock.pass_by(seconds=5)
            assert items(ask(gateway, TAGGED))[TAGGED] == (f"{REPOSITORY}@{described['digest']}", "")

    def test_of_what_could_not_be_had_is_not_kept(self, scene, place, digest):
        place.failing = "input.unreachable"
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            place.failing = ""
            assert items(ask(gateway, TAGGED))[TAGGED] == (f"{REPOSITORY}@{digest}", "")

    @pytest.mark.usefixtures("digest")
    def test_ends_with_the_policy(self, scene, place):
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            policy = scene.folder / "trust.toml"
            policy.write_text(policy.read_text().replace('from = ["p256"]', 'from = ["p384"]'))
            gateway.server.reload_soon()
            scene.saw("gateway.reloaded")
            ((value, _),) = items(ask(gateway, TAGGED)).values()
        assert (value, place.opened, place.closed) == ("", 2, 2)


class TestAPlace:
    @pytest.mark.usefixtures("digest")
    def test_is_asked_with_the_credentials_of_its_registry_alone(self, scene):
        ours = Access(username="gateway", password="secret")
        names = Repositories(names=(("registry.acme.example/*", "*"), ("other.example/*", "*")))
        images = scene.images(registries={"registry.acme.example": ours}, repositories=names)
        with scene.running(images=images) as gateway:
            ask(gateway, TAGGED, "other.example/app:1", "registry.acme.example:444/app:1")
        assert {reference: access.username for reference, access in scene.opened} == {
            TAGGED: "gateway",
            "other.example/app:1": None,
        }

    def test_is_closed_whatever_comes_of_it(self, scene, place):
        signed(place, key="")
        with scene.running() as gateway:
            ask(gateway, TAGGED)
        assert (place.opened, place.closed) == (1, 1)


def test_the_document_is_ascii_whatever_is_asked(scene):
    with scene.running() as gateway:
        body = ask(gateway, "registry.acme.example/acme/ä:1", "\u2028").body
    assert body.isascii()
    assert len(json.loads(body)["response"]["items"]) == 2


class TestTheState:
    def test_shows_which_images_are_answered_for(self, scene, digest):
        assert digest
        with scene.running() as gateway:
            ask(gateway, TAGGED)
            document = gateway.ask("/status").json
            page = gateway.ask("/").body.decode()
            ready = gateway.ask("/readyz")
        validate(document, STATUS)
        assert document["images"] == {
            "path": "/v1beta1/validate",
            "repositories": [{"pattern": "registry.acme.example/acme/*", "name": "*"}],
            "record": True,
            "underWay": 0,
            "remembered": 1,
        }
        assert "registry.acme.example/acme/*" in page
        assert (ready.status, document["ready"]) == (200, True)

    @pytest.mark.usefixtures("digest")
    def test_is_not_ready_without_a_ledger_and_is_again_with_it(self, scene):
        kept = scene.ledger.read_bytes()
        scene.ledger.unlink()
        with scene.running() as gateway:
            assert gateway.ask("/readyz").status == 503
            scene.ledger.write_bytes(kept)
            scene.ledger.chmod(0o600)
            gateway.until(lambda: gateway.ask("/readyz").status == 200)
            assert items(ask(gateway, TAGGED))[TAGGED][0]


class TestAnImageThatHasToHaveABase:
    """What is found depends on what the ledger says, and is not fetched again for that."""

    RULES = """\
image = { base = ["image:base"] }
[artifacts."image:base"]
signatures = { from = ["p256"] }
version = "none"
"""

    def built(self, scene, name, *layers):
        place = scene.place(f"registry.acme.example/acme/{name}:1.4.0")
        made = place.image([layer({each: each.encode()}) for each in layers])
        place.refer(made, signed_statement(made).content, DSSE)
        place.pointing_at(made)
        return place, f"registry.acme.example/acme/{name}:1.4.0"

    def test_is_accepted_once_that_was(self, scene):
        scene.trust(self.RULES)
        _, base = self.built(scene, "base", "lib")
        place, app = self.built(scene, "app", "lib", "app")
        with scene.running(images=scene.images(layers="hash")) as gateway:
            assert codes(items(ask(gateway, app))[app][1]) == ["image.base-unknown"]
            assert items(ask(gateway, base))[base][0] != ""
            again = items(ask(gateway, app))[app]
            assert again[0] != "", again
            opened = place.opened
            assert items(ask(gateway, app))[app][0] != ""
            assert place.opened == opened
