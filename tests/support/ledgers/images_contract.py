"""What every back end must do for images: tags that are told of once each move, and layers that are found again."""

from __future__ import annotations

import pytest

from tests.support.ledgers.files import refused
from tests.support.ledgers.samples import HOUR, NOW, SCOPE, acceptance, advance, content, event, mark, state
from verifier.core.value import replace
from verifier.ledger.history import check, history, known_layers, layers_kept, tag_seen, versions_of
from verifier.ledger.interface import Change, EventKind, Layers, Ledger, TagName
from verifier.ledger.operate import set_floor, withdraw_digest
from verifier.ledger.record import event_text, read_event
from verifier.versions.memory import MAX_LAYERS, Tag, chain_ids
from verifier.versions.schemes import Scheme
from verifier.versions.state import Floor, ScopeState

APP = "registry.acme.example/acme/app"
BASE = tuple(chain_ids([content("base-1"), content("base-2")]))


def tagged(version="1.0.0", *, name=f"{APP}:stable", after=0, digest=None, revision=1, scope=SCOPE, layers=()):
    """An acceptance that tells what a tag stands for."""
    held = ScopeState(revision=revision, mark=mark(version, digest))
    tag = Tag(name=name, digest=content(digest or version), after=after)
    change = advance(held, scope)
    return replace(change, event=replace(change.event, tag=tag, layers=layers))


def building(version, *chains, scope=SCOPE, revision=1):
    change = advance(ScopeState(revision=revision, mark=mark(version)), scope)
    return replace(change, event=replace(change.event, layers=chains))


class ImagesContract:
    """Beside `LedgerContract`, whose fixtures it needs."""

    def test_a_tag_is_remembered_with_what_it_stood_for(self, ledger: Ledger):
        assert tag_seen(ledger, SCOPE, f"{APP}:stable") is None
        assert ledger.swap((tagged("1.0.0"),))
        assert ledger.swap((tagged("1.1.0", after=1, revision=2),))
        seen = tag_seen(ledger, SCOPE, f"{APP}:stable")
        assert (seen.digest, seen.place, seen.version) == (content("1.1.0"), 2, "1.1.0")
        assert [entry.head.sequence for entry in ledger.events(SCOPE, naming=TagName(name=f"{APP}:stable"))] == [1, 2]
        check(ledger)

    def test_a_tag_is_one_of_its_repository_and_of_its_scope(self, ledger: Ledger):
        assert ledger.swap((tagged("1.0.0"),))
        for scope, name in ((f"{SCOPE}@edge", f"{APP}:stable"), (SCOPE, f"{APP}-2:stable"), (SCOPE, f"{APP}:Stable")):
            assert tag_seen(ledger, scope, name) is None
        assert ledger.swap((tagged("1.0.0", scope=f"{SCOPE}@edge"),))
        assert tag_seen(ledger, f"{SCOPE}@edge", f"{APP}:stable").place == 2

    def test_what_was_told_of_a_tag_meanwhile_is_not_overlooked(self, ledger: Ledger):
        assert ledger.swap((tagged("1.0.0"),))
        before = ledger.scopes()
        for after in (0, 2, 10**17):
            assert not ledger.swap((tagged("1.1.0", after=after, revision=2),))
        assert ledger.scopes() == before
        assert ledger.swap((tagged("1.1.0", after=1, revision=2),))

    def test_one_of_several_changes_that_overlooks_a_tag_undoes_all(self, ledger: Ledger):
        assert not ledger.swap((tagged("1.0.0"), tagged("1.1.0", after=0, revision=2)))
        assert ledger.fetch(SCOPE).state is None
        assert ledger.swap((tagged("1.0.0"),))
        # A store may have left a gap for what it undid.
        assert ledger.swap((tagged("1.1.0", after=ledger.head().sequence, revision=2),))

    def test_a_tag_may_be_told_of_where_nothing_is_ordered(self, ledger: Ledger):
        unordered = event(digest=content("x"), tag=Tag(name=f"{APP}:a", digest=content("x")))
        assert ledger.swap((Change(event=unordered),))
        assert not ledger.swap((Change(event=unordered),))
        assert tag_seen(ledger, SCOPE, f"{APP}:a").version is None
        check(ledger)

    def test_a_tag_may_stand_for_an_index_of_which_one_image_was_accepted(self, ledger: Ledger):
        change = tagged("1.0.0")
        index = replace(change.event.tag, digest=content("index"))
        assert ledger.swap((replace(change, event=replace(change.event, tag=index)),))
        assert tag_seen(ledger, SCOPE, f"{APP}:stable").digest == content("index")

    @pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.ACCEPTED, EventKind.IMPORT}))
    @pytest.mark.parametrize("said", ["tag", "layers"])
    def test_what_accepts_nothing_tells_of_neither(self, ledger: Ledger, kind, said):
        told = {"tag": Tag(name=f"{APP}:a", digest=content("x")), "layers": BASE[:1]}[said]
        with refused("ledger.unsound"):
            ledger.swap((Change(event=event(kind, digest=content("x"), **{said: told})),))

    @pytest.mark.parametrize("layers", [BASE[:1] * 2, tuple(chain_ids(map(content, map(str, range(MAX_LAYERS + 1)))))])
    def test_too_many_layers_or_one_twice_are_refused(self, ledger: Ledger, layers):
        with refused("ledger.unsound"):
            ledger.swap((building("1.0.0", *layers),))

    def test_events_with_both_come_back_as_they_went_in(self, ledger: Ledger):
        most = tuple(chain_ids(map(content, map(str, range(MAX_LAYERS)))))
        change = tagged("1.0.0", layers=most)
        full = replace(change.event, comment=',"tag":{"after":0,"name":"x"},"layers":["', actor='","name":"')
        assert ledger.swap((replace(change, event=full),))
        (found,) = history(ledger)
        assert (found.tag, found.layers) == (full.tag, most)
        assert read_event(event_text(found)) == found
        assert tag_seen(ledger, SCOPE, f"{APP}:stable") is not None
        assert tag_seen(ledger, SCOPE, "x") is None
        check(ledger)

    def test_what_merely_looks_like_a_tag_or_layers_is_none(self, ledger: Ledger):
        looks = ',"tag":{"after":0,"digest":"sha256:x","name":"a/b:c"},"layers":["sha256:x"],'
        assert ledger.swap((Change(event=event(EventKind.DENIED, version=looks, comment=looks, actor=looks)),))
        assert list(ledger.events(SCOPE, naming=TagName(name="a/b:c"))) == []
        assert list(ledger.events(naming=Layers(chains=BASE))) == []

    def test_layers_are_found_in_any_scope(self, ledger: Ledger):
        assert ledger.swap((building("1.0.0", BASE[1], scope="image:base"),))
        assert ledger.swap((building("2.0.0", content("other"), scope="image:other"),))
        assert ledger.swap((Change(event=event(EventKind.DENIED)),))
        (found,) = known_layers(ledger, [*BASE, content("unknown")])
        assert (found.scope, found.chain, found.version, found.stands) == ("image:base", BASE[1], "1.0.0", True)
        assert known_layers(ledger, BASE[:1]) == known_layers(ledger, []) == ()

    def test_an_index_names_the_layers_of_all_its_platforms(self, ledger: Ledger):
        assert ledger.swap((building("1.0.0", *BASE, scope="image:base"),))
        assert {each.chain for each in known_layers(ledger, BASE)} == set(BASE)
        assert [entry.head.sequence for entry in ledger.events(naming=Layers(chains=BASE))] == [1]

    def test_what_was_withdrawn_since_does_not_stand(self, ledger: Ledger):
        from tests.support.ledgers.samples import at  # noqa: PLC0415 - beside its one use

        assert ledger.swap((building("1.0.0", BASE[0], scope="image:base"),))
        assert ledger.swap((building("1.1.0", BASE[1], scope="image:base", revision=2),))
        withdraw_digest(ledger, "image:base", content("1.1.0"), at(NOW + HOUR))
        assert {each.version: each.stands for each in known_layers(ledger, BASE)} == {"1.0.0": True, "1.1.0": False}
        set_floor(ledger, "image:base", Floor(version="1.0.1", scheme=Scheme.SEMVER), at(NOW + HOUR))
        assert not any(each.stands for each in known_layers(ledger, BASE))

    def test_layers_are_kept_of_the_content_that_has_them(self, ledger: Ledger):
        assert ledger.swap((building("1.0.0", BASE[0]),))
        assert layers_kept(ledger, SCOPE, content("1.0.0"), BASE) == BASE[:1]
        assert layers_kept(ledger, SCOPE, content("1.1.0"), BASE) == ()
        assert layers_kept(ledger, "image:other", content("1.0.0"), BASE) == ()

    def test_they_may_be_told_of_what_stands(self, ledger: Ledger):
        held = state("1.0.0")
        assert ledger.swap((advance(held),))
        again = replace(acceptance(held.mark), layers=BASE[:1], tag=Tag(name=f"{APP}:a", digest=content("1.0.0")))
        assert ledger.swap((Change(event=again, expected_revision=1),))
        assert ledger.fetch(SCOPE).state == held
        assert versions_of(ledger, SCOPE, content("1.0.0")) == (("1.0.0", "semver"),)
        check(ledger)
