"""What an image is built on, by what a ledger has accepted under the rule for bases."""

import io

import pytest

from tests.support.images.judged import errors, image_policy, signed_statement
from tests.support.images.made import MemoryPlace, layer
from tests.support.ledgers.memory import MemoryLedger
from tests.support.material import NOW
from tests.support.rules import artifact_rule
from verifier.core.errors import refuse
from verifier.core.value import replace
from verifier.engine.recipe import verify_artifact
from verifier.engine.request import Request
from verifier.kinds.image.wish import ImageWish
from verifier.ledger.absent import NoLedger
from verifier.ledger.advance import Circumstances
from verifier.ledger.history import check, known_layers
from verifier.ledger.interface import Layers
from verifier.ledger.operate import set_floor, withdraw_digest, withdraw_versions
from verifier.ledger.transfer import export_ledger, import_ledger
from verifier.sources.content import Remote
from verifier.trust.sections.image import ImageRule
from verifier.trust.sections.signatures import SignatureRule
from verifier.trust.sections.version import VersionFrom
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, VersionRange

LABELLED = VersionFrom(source="label:version", scheme="semver")
NOW_ = Circumstances(now=NOW)
BASE = [layer({"base": b"1"}), layer({"base": b"2"})]
NEWER = [layer({"base": b"3"})]
OWN = [layer({"app": b"1"})]


def policy(*bases, base="image:acme-base", pattern="image:acme-base", **of_base):
    signatures = SignatureRule(threshold=1, from_=("p256",))
    own = artifact_rule("image:app", signatures, LABELLED, image=ImageRule(base=(base, *bases)))
    rule = artifact_rule(pattern, signatures, LABELLED, **of_base)
    return replace(image_policy(), artifacts=(own, rule))


def verify(ledger, name, layers, version="1.0.0", *, trust=None, platforms=(), layers_read="hash", **manifest):
    place = MemoryPlace(repository=f"registry.acme.example/acme/{name}", tag=None)
    run = {"Labels": {"version": version}}
    if platforms:
        described = place.index(*(place.image(own, platform=each, run=run) for each, own in platforms.items()))
    else:
        described = place.image(layers, run=run, manifest=manifest)
    place.pointing_at(described)
    return verify_artifact(
        Request(
            kind="image",
            source=Remote(uri=place.uri, fetch=lambda: place.resolve().content, place=place),
            name=name,
            policy=trust or policy(),
            now=NOW,
            correlation_id="test",
            attestations=(signed_statement(described),),
            ledger=ledger,
            record=not isinstance(ledger, NoLedger),
            image=ImageWish(layers=layers_read),
        )
    )


@pytest.fixture
def ledger():
    """One in which version 1.0.0 of the base was accepted."""
    made = MemoryLedger()
    assert errors(verify(made, "acme-base", BASE)) == []
    return made


def app(ledger, layers=(*BASE, *OWN), **asked):
    codes = errors(verify(ledger, "app", list(layers), **asked))
    if not isinstance(ledger, NoLedger):
        check(ledger)
    return codes


def test_an_image_on_an_accepted_base_is_accepted(ledger):
    assert app(ledger) == []


def test_an_image_that_adds_no_layer_is_built_on_it_too(ledger):
    assert app(ledger, BASE) == []


def test_an_image_on_something_else_is_not(ledger):
    assert app(ledger, [*NEWER, *OWN]) == ["image.base-unknown"]
    assert app(ledger, [*reversed(BASE), *OWN]) == ["image.base-unknown"]
    assert app(ledger, [BASE[0], *OWN]) == ["image.base-unknown"]


def test_without_a_ledger_no_base_is_known():
    assert app(NoLedger()) == ["image.base-unknown"]


def test_a_base_that_was_denied_is_unknown():
    ledger = MemoryLedger()
    assert errors(verify(ledger, "acme-base", BASE, version="")) == ["version.missing"]
    assert app(ledger) == ["image.base-unknown"]


def test_a_base_that_was_withdrawn_since_is_untrusted(ledger):
    (known,) = known_layers(ledger, tuple(chains(ledger)))
    for restrict in (
        lambda held: withdraw_digest(held, "image:acme-base", known.digest, NOW_),
        lambda held: withdraw_versions(
            held, "image:acme-base", VersionRange(lowest=None, highest="1.0.0", scheme=Scheme.SEMVER), NOW_
        ),
        lambda held: set_floor(held, "image:acme-base", Floor(version="1.0.1", scheme=Scheme.SEMVER), NOW_),
    ):
        held = MemoryLedger()
        assert errors(verify(held, "acme-base", BASE)) == []
        restrict(held)
        assert app(held) == ["image.base-untrusted"]


@pytest.mark.parametrize("withdrawn", [0, 1, "index"])
def test_a_base_of_which_one_platform_was_withdrawn_is_untrusted(withdrawn):
    ledger, index = MemoryLedger(), {"linux/amd64": BASE, "linux/arm64": NEWER}
    accepted = verify(ledger, "acme-base", [], platforms=index).verdict
    digest = accepted.subject.digest if withdrawn == "index" else accepted.parts[withdrawn].digest
    withdraw_digest(ledger, "image:acme-base", digest, NOW_)
    assert app(ledger) == ["image.base-untrusted"]
    restored = MemoryLedger()
    import_ledger(restored, io.BytesIO("".join(export_ledger(ledger)).encode()), NOW_, expect_head=None)
    assert app(restored) == ["image.base-untrusted"]


def test_a_base_below_the_floor_of_its_rule_is_untrusted(ledger):
    assert app(ledger, trust=policy(floor="1.0.1")) == ["image.base-untrusted"]
    assert app(ledger, trust=policy(floor="1.0.0")) == []


def test_an_older_base_that_still_stands_is_as_good_as_the_newest(ledger):
    assert errors(verify(ledger, "acme-base", NEWER, "1.1.0")) == []
    assert app(ledger) == []


def test_a_base_that_is_accepted_anew_after_it_was_withdrawn_is_trusted(ledger):
    (known,) = known_layers(ledger, tuple(chains(ledger)))
    withdraw_digest(ledger, "image:acme-base", known.digest, NOW_)
    assert app(ledger) == ["image.base-untrusted"]
    assert errors(verify(ledger, "acme-base", BASE, "1.0.1")) == []
    assert app(ledger) == []


def test_a_base_of_another_rule_is_untrusted(ledger):
    assert app(ledger, trust=policy(base="image:other-base")) == ["image.base-untrusted"]


def test_a_base_of_a_scope_that_no_rule_has_is_unknown(ledger):
    assert app(ledger, trust=policy(base="image:acme-*", channel="stable")) == ["image.base-unknown"]


def test_a_pattern_names_all_bases_of_its_rule():
    ledger, trust = MemoryLedger(), policy(base="image:acme-*", pattern="image:acme-*", sequence="acme")
    assert errors(verify(ledger, "acme-debian", BASE, trust=trust)) == []
    assert app(ledger, trust=trust) == []
    assert app(ledger, trust=policy(base="image:acme-debian", pattern="image:acme-*", sequence="acme")) == [
        "image.base-untrusted"
    ]


def test_each_platform_has_its_own_base(ledger):
    index = {"linux/amd64": BASE, "linux/arm64": NEWER}
    assert errors(verify(ledger, "acme-base", [], "1.1.0", platforms=index)) == []
    sound = {name: [*own, *OWN] for name, own in index.items()}
    assert errors(verify(ledger, "app", [], platforms=sound)) == []
    mixed = sound | {"linux/arm64": [layer({"x": b""}), *OWN]}
    assert errors(verify(ledger, "app", [], "1.0.1", platforms=mixed)) == ["image.base-unknown"]


def test_layers_are_told_of_once():
    ledger = MemoryLedger()
    for _ in range(3):
        verify(ledger, "acme-base", BASE)
    assert [len(entry.event.layers) for entry in ledger.events()] == [1, 0, 0]


UNREAD = VersionFrom(source="annotation:version", scheme="semver")


def annotated(*, base):
    """A policy whose rule for the base has to know nothing of its config; `base` is what the other rule names."""
    made, signatures = policy(base=base), SignatureRule(threshold=1, from_=("p256",))
    return replace(made, artifacts=(made.artifacts[0], artifact_rule("image:acme-base", signatures, UNREAD)))


def test_the_config_of_what_others_may_be_built_on_is_read_where_it_is_recorded():
    for base, told in (("image:acme-base", 1), ("image:acme-*", 1), ("image:other", 0)):
        ledger, asked = MemoryLedger(), {"layers_read": "manifest", "annotations": {"version": "1.0.0"}}
        assert errors(verify(ledger, "acme-base", BASE, trust=annotated(base=base), **asked)) == []
        assert [len(entry.event.layers) for entry in ledger.events()] == [told]


def test_layers_of_a_config_that_was_read_later_are_told_of_then():
    ledger, asked = MemoryLedger(), {"annotations": {"version": "1.0.0"}}
    trust = annotated(base="image:other")
    assert errors(verify(ledger, "acme-base", BASE, trust=trust, layers_read="manifest", **asked)) == []
    assert errors(verify(ledger, "acme-base", BASE, trust=trust, layers_read="hash", **asked)) == []
    assert [len(entry.event.layers) for entry in ledger.events()] == [0, 1]


def test_a_ledger_that_cannot_say_is_a_denial(ledger):
    class Silent(MemoryLedger):
        def events(self, *scope, naming=None, **asked):
            if isinstance(naming, Layers):
                raise refuse("ledger.unavailable", "ledger", "gone")
            return super().events(*scope, naming=naming, **asked)

    silent = Silent()
    silent.states, silent.entries, silent.known = ledger.states, ledger.entries, ledger.known
    assert errors(verify(silent, "app", [*BASE, *OWN])) == ["image.base-unknown", "ledger.unavailable"]


def chains(ledger):
    return [chain for entry in ledger.events() for chain in entry.event.layers]
