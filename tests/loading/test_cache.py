"""The cache: what is found again, and what is found out."""

import json
import multiprocessing
import os
import shutil
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.ledgers.memory import MemoryLedger
from tests.support.loading.caching import KEY, files, good, refused, rewrite
from tests.support.loading.emitted import CONTENT, DIGEST, RUNTIME, denied, emit
from tests.support.loading.loading import VERDICT, counting, load, renewed, standing
from tests.support.material import NOW, signer
from tests.support.patience import PATIENCE_S
from tests.support.stories import NAME, SCOPE, URI, archive, detached, signed, warnings
from verifier.core.digest import Digest
from verifier.core.document import Document
from verifier.core.errors import refuse
from verifier.core.verdict import PolicyReference
from verifier.ledger.advance import Circumstances
from verifier.ledger.operate import withdraw_digest
from verifier.loading.cache.record import _record, finding_record, good_record
from verifier.loading.cache.store import Cache, CacheBounds
from verifier.loading.loader import Loader

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def ledger():
    return MemoryLedger()


@pytest.fixture
def proven(monkeypatch):
    return counting(monkeypatch)


class TestWhatIsFoundAgain:
    def test_by_the_next_process_without_being_proven_again(self, folder, ledger, proven):
        first = load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        second = load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        assert len(proven) == 1
        assert second.verified.content == CONTENT
        assert warnings(first.verdict) == ["version.first-use"]
        assert replace(second.verdict, ledger=None) == replace(first.verdict, ledger=None, reasons=())

    @pytest.mark.parametrize(
        "changes",
        [
            {"verdict": None},
            {"verdict": None, "attestations": (detached(CONTENT), detached(CONTENT, "p384", file="b.json"))},
            {"verdict": refuse("input.unreadable", "vsa.json", "there is none"), "fallback": "full"},
            {"levels": ("POLICY_VERIFIER_SIGNED",)},
        ],
    )
    def test_with_the_whole_question_that_was_asked(self, folder, ledger, proven, changes):
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        load(loader, **changes)
        first = load(loader, **changes)  # the first use is said once
        preloaded = standing(Loader(RUNTIME, ledger, cache=Cache(folder)))
        assert preloaded.verified.content == CONTENT
        assert preloaded.verdict.levels == first.verdict.levels
        assert preloaded.verdict.reasons == first.verdict.reasons
        assert preloaded.verdict.evidence == first.verdict.evidence
        assert len(proven) == 1

    def test_bytes_lie_under_their_digest_for_nobody_else(self, folder, ledger):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        blob = folder / "blobs" / "sha256" / DIGEST.value
        assert blob.read_bytes() == CONTENT
        assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder, "blobs")} == {0o400}
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_dir()} == {0o700}

    def test_a_denial_only_for_seconds(self, folder, ledger, proven):
        forged = emit(key="p256")
        for seconds in (0, 4, 5):
            loader = Loader(RUNTIME, ledger, cache=Cache(folder))
            assert denied(load(loader, verdict=forged, now=NOW + timedelta(seconds=seconds))) == ["signer.untrusted"]
        assert len(proven) == 2

    def test_no_denied_bytes_at_all(self, folder, ledger):
        assert denied(load(Loader(RUNTIME, ledger, cache=Cache(folder)), verdict=emit(key="p256")))
        assert files(folder, "blobs") == []

    def test_nothing_that_could_not_be_decided(self, folder, ledger):
        absent = refuse("input.unreadable", "vsa.json", "there is none")
        assert load(Loader(RUNTIME, ledger, cache=Cache(folder)), verdict=absent).verdict.undecided
        assert files(folder, "findings") == []

    def test_as_long_as_the_bounds_say(self, folder, ledger, proven):
        bounds = CacheBounds(max_age=timedelta(hours=1), max_denial_age=timedelta(0))
        forged = emit(key="p256")
        for now in (NOW, NOW + timedelta(minutes=59), NOW + timedelta(hours=1)):
            loader = Loader(RUNTIME, ledger, cache=Cache(folder, bounds))
            load(loader, now=now)
            load(loader, now=now, verdict=forged)
        assert len(proven) == 5

    def test_under_a_policy_with_an_exchanged_key_it_is_proven_anew(self, folder, ledger, proven):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        exchanged = RUNTIME.signers | {"p256": signer("p256", "p256-2")}
        other = Loader(renewed(signers=exchanged), ledger, cache=Cache(folder))
        assert denied(standing(other)) == ["verdict.policy-unknown"]
        assert len(proven) == 2

    def test_under_a_policy_that_says_the_same_of_it_it_is_found_again(self, folder, ledger, proven):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        other = renewed(digest=DIGEST, id="https://example.org/moved", signers=dict(reversed(RUNTIME.signers.items())))
        again = standing(Loader(other, ledger, cache=Cache(folder)))
        assert (again.verified.content, again.verdict.policy) == (CONTENT, PolicyReference(uri=other.id, digest=DIGEST))
        assert len(proven) == 1

    def test_a_revoked_signer_binds_at_the_next_read(self, folder, ledger):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        revoked = {**RUNTIME.signers, "p384": replace(RUNTIME.signers["p384"], revoked=True)}
        other = Loader(renewed(signers=revoked), ledger, cache=Cache(folder))
        assert denied(standing(other)) == ["signer.revoked"]

    def test_by_another_verifier_or_release_it_is_proven_anew(self, folder, ledger, proven, monkeypatch):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        load(Loader(RUNTIME, ledger, cache=Cache(folder), verifier_id="https://example.org/b"))
        monkeypatch.setattr("verifier.loading.question.VERSION", "99.0.0")
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        assert len(proven) == 3

    def test_what_our_own_path_proved_is_proven_anew_where_the_library_has_to(self, folder, ledger, proven):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        library = renewed(sigstore=replace(RUNTIME.sigstore, by_library=True))
        load(Loader(library, ledger, cache=Cache(folder)))
        assert len(proven) == 2

    def test_a_quarantine_binds_at_the_next_read(self, folder, ledger):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        withdraw_digest(ledger, SCOPE, DIGEST, Circumstances(now=NOW))
        assert denied(standing(Loader(RUNTIME, ledger, cache=Cache(folder)))) == ["version.quarantined"]
        assert denied(load(Loader(RUNTIME, ledger, cache=Cache(folder)))) == ["version.quarantined"]


class TestWhatIsFoundOut:
    def test_every_byte_of_a_finding_and_of_a_last_good_one(self, folder, ledger):
        cache = Cache(folder)
        load(Loader(RUNTIME, ledger, cache=cache))
        (finding,), (record,) = files(folder, "findings"), files(folder, "good")
        for path, ask in (
            (finding, lambda: cache.finding(finding.name)),
            (record, lambda: cache.good(f"bundle:{NAME}")),
        ):
            whole = path.read_bytes()
            assert ask() is not None
            for at in range(len(whole)):
                rewrite(path, whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
                assert refused(ask) == "cache.corrupt"
                assert not path.exists()
            for cut in (b"", whole[:-1], whole + b" "):
                rewrite(path, cut)
                assert refused(ask) == "cache.corrupt"
            rewrite(path, whole)
            assert ask() is not None

    @pytest.mark.parametrize("at", [0, len(CONTENT) // 2, len(CONTENT) - 1], ids=["first", "middle", "last"])
    def test_a_byte_of_what_only_the_cache_had_is_a_denial(self, folder, ledger, at):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        blob = folder / "blobs" / "sha256" / DIGEST.value
        rewrite(blob, CONTENT[:at] + bytes([CONTENT[at] ^ 1]) + CONTENT[at + 1 :])
        loader = Loader(RUNTIME, ledger, cache=Cache(folder))
        preloaded = standing(loader)
        assert denied(preloaded) == ["cache.corrupt"]
        assert preloaded.verdict.undecided
        assert standing(loader) is None

    def test_where_the_bytes_are_at_hand_it_is_a_warning_and_they_are_verified_anew(self, folder, ledger, proven):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        (finding,) = files(folder, "findings")
        rewrite(finding, b"{}")
        preloaded = load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        assert preloaded.verified.content == CONTENT
        assert warnings(preloaded.verdict) == ["cache.corrupt"]
        assert len(proven) == 2
        assert warnings(load(Loader(RUNTIME, ledger, cache=Cache(folder))).verdict) == []

    def test_a_blob_that_is_gone(self, folder, ledger):
        load(Loader(RUNTIME, ledger, cache=Cache(folder)))
        (folder / "blobs" / "sha256" / Digest.of(VERDICT).value).unlink()
        assert denied(standing(Loader(RUNTIME, ledger, cache=Cache(folder)))) == ["cache.corrupt"]

    def test_a_record_in_anothers_place(self, folder, ledger):
        cache = Cache(folder)
        load(Loader(RUNTIME, ledger, cache=cache))
        (finding,), (record,) = files(folder, "findings"), files(folder, "good")
        shutil.copy(finding, folder / "findings" / KEY)
        assert refused(cache.finding, KEY) == "cache.corrupt"
        cache.keep_good(good(b"other", name="other"), b"other", now=NOW)
        (other,) = set(files(folder, "good")) - {record}
        shutil.copy(other, record)
        assert refused(cache.good, f"bundle:{NAME}") == "cache.corrupt"

    def test_a_finding_about_other_bytes_under_the_right_name(self, folder, ledger):
        """Whoever may write there may write that; it takes a digest that was computed anew."""
        cache, other = Cache(folder), signed(archive("1.1.0"))
        load(Loader(RUNTIME, ledger, cache=cache))
        (finding,) = files(folder, "findings")
        found = cache.finding(finding.name)
        made = found.finding
        forged = replace(found, finding=replace(made, subject=replace(made.subject, digest=DIGEST)))
        loader = Loader(RUNTIME, ledger, cache=cache)
        load(loader, other)
        (second,) = set(files(folder, "findings")) - {finding}
        rewrite(second, finding_record(second.name, forged))
        preloaded = load(Loader(RUNTIME, ledger, cache=cache), other)
        assert "verdict.subject-mismatch" in denied(preloaded)
        assert warnings(preloaded.verdict) == ["cache.corrupt"]

    @pytest.mark.parametrize(
        "change",
        [
            {"schema": "verifier/cache/v1"},
            {"type": "good"},
            {"since": "yesterday"},
            {"inFull": "hearsay"},
            {"saw": -1},
            {"document": "sha256:00"},
            {"unknown": 1},
            {"finding": None},
            {"candidate": {"version": "1.0.0", "scheme": "alphabetic", "epoch": None, "signedTime": None}},
            {"candidate": {"version": "1.0.0", "scheme": "semver", "epoch": 2**60, "signedTime": None}},
        ],
    )
    def test_a_record_that_no_release_of_ours_writes(self, folder, ledger, change):
        cache = Cache(folder)
        load(Loader(RUNTIME, ledger, cache=cache))
        (finding,) = files(folder, "findings")
        members = json.loads(finding.read_bytes().partition(b"\n")[2])
        rewrite(finding, _record(members | change))
        assert refused(cache.finding, finding.name) == "cache.corrupt"

    def test_a_reason_that_this_release_does_not_know(self, folder, ledger):
        cache = Cache(folder)
        assert denied(load(Loader(RUNTIME, ledger, cache=cache), verdict=emit(key="p256")))
        (finding,) = files(folder, "findings")
        body = finding.read_bytes().partition(b"\n")[2].replace(b"signer.untrusted", b"signer.unheard-of")
        rewrite(finding, f"{Digest.of(body)}\n".encode() + body)
        assert refused(cache.finding, finding.name) == "cache.corrupt"

    @pytest.mark.parametrize("what", ["link", "folder", "fifo", "everyone's", "another's"])
    def test_what_is_not_a_file_of_ours_alone(self, folder, ledger, tmp_path, what):
        cache = Cache(folder)
        load(Loader(RUNTIME, ledger, cache=cache))
        (finding,) = files(folder, "findings")
        whole = finding.read_bytes()
        if what == "everyone's":
            finding.chmod(0o444)
        elif what == "another's":
            if os.geteuid() != 0:
                pytest.skip("only root can give a file away")
            os.chown(finding, 12345, 12345)
        else:
            finding.unlink()
            (tmp_path / "elsewhere").write_bytes(whole)
            made = {"link": lambda: finding.symlink_to(tmp_path / "elsewhere"), "folder": finding.mkdir}
            made.get(what, lambda: os.mkfifo(finding))()
        assert refused(cache.finding, finding.name) == "cache.corrupt"


def prove_and_tell(folder: str, told: str, together) -> None:
    """One process of several: load what the others load at the same moment; tell of each finding that it makes."""
    with pytest.MonkeyPatch.context() as patch:
        proven = counting(patch)
        loader = Loader(RUNTIME, MemoryLedger(), cache=Cache(Path(folder)))
        together.wait()
        assert load(loader).verified
        with Path(told).open("a") as file:
            file.write("x" * len(proven))


def test_processes_that_ask_at_once_wait_for_one_finding(folder, tmp_path):
    Cache(folder)
    context = multiprocessing.get_context("fork")
    together = context.Barrier(6)
    told = tmp_path / "told"
    arguments = (str(folder), str(told), together)
    processes = [context.Process(target=prove_and_tell, args=arguments) for _ in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_S)
    assert [process.exitcode for process in processes] == [0] * 6
    assert told.read_text() == "x"


def test_the_record_of_a_last_good_one_names_its_evidence_and_does_not_hold_it(folder):
    record = good_record(good(b"content", attestations=(Document(name="a", content=b"s" * 1_000),), resource_uri=URI))
    assert len(record) < 1_000
    assert Digest.of(b"s" * 1_000).value.encode() in record
