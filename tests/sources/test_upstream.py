"""Upstreams: what is there, what has changed, and what is refused. Real servers on loopback."""

import os
import subprocess
import sys
import threading

import pytest

from tests.support.net.registries import BUNDLE, NAME, descriptor, digest_of, manifest, registry
from tests.support.net.servers import server
from tests.support.patience import FOR_EVER_S, PATIENCE_S
from tests.support.places import ROOT
from verifier.archives.pack import pack_directory
from verifier.core.errors import ConfigurationError, Refused
from verifier.core.limits import DEFAULT_LIMITS, Limits
from verifier.sources.upstream import Access, fetch_document, open_upstream


@pytest.fixture
def opened():
    """Opens upstreams, and closes them."""
    made = []

    def open_one(reference, access=None, limits=DEFAULT_LIMITS):
        made.append(open_upstream(str(reference), access=access or Access(), limits=limits))
        return made[-1]

    yield open_one
    for each in made:
        each.close()


def reason(call, *arguments, **options):
    with pytest.raises(Refused) as refused:
        call(*arguments, **options)
    return refused.value.reasons[0]


class Bundles:
    """A bundle server: `content` under `tag`, which it compares with what it is asked."""

    def __init__(self, content=b"one", tag='"1"'):
        self.content, self.tag = content, tag

    def __call__(self, exchange):
        if self.tag is not None and exchange.headers.get("if-none-match") == self.tag:
            exchange.answer(304, ETag=self.tag)
        else:
            exchange.answer(body=self.content, **({} if self.tag is None else {"ETag": self.tag}))


class TestHttp:
    def test_what_is_there_is_fetched_with_its_entity_tag(self, opened):
        with server(Bundles()) as running:
            fetched = opened(f"{running.url}/bundle").fetch(None)
        assert (fetched.content, fetched.validator) == (b"one", '"1"')

    def test_what_has_not_changed_is_not_sent_again(self, opened):
        bundles = Bundles()
        with server(bundles) as running:
            upstream = opened(running.url)
            assert upstream.fetch('"1"') is None
            bundles.content, bundles.tag = b"two", '"2"'
            assert upstream.fetch('"1"').content == b"two"
            assert [fields.get("if-none-match") for _, fields in running.seen] == ['"1"', '"1"']

    def test_the_validator_is_the_caller_s_and_not_that_of_the_last_answer(self, opened):
        with server(Bundles()) as running:
            upstream = opened(running.url)
            upstream.fetch(None)
            assert upstream.fetch(None).content == b"one"
            assert upstream.fetch('"0"').content == b"one"

    @pytest.mark.parametrize("tag", [None, "bare", '"', '"a"b"', 'w/"1"', '"' + "x" * 2_000 + '"', '"ü"'])
    def test_without_an_entity_tag_the_content_says_what_has_changed(self, opened, tag):
        bundles = Bundles(tag=tag)
        with server(bundles) as running:
            upstream = opened(running.url)
            fetched = upstream.fetch(None)
            assert fetched.validator == digest_of(b"one")
            assert upstream.fetch(fetched.validator) is None
            bundles.content = b"two"
            assert upstream.fetch(fetched.validator).content == b"two"
            assert all("if-none-match" not in fields for _, fields in running.seen)

    def test_a_weak_tag_is_sent_back_as_it_came(self, opened):
        with server(Bundles(tag='W/"1"')) as running:
            upstream = opened(running.url)
            assert upstream.fetch(upstream.fetch(None).validator) is None

    def test_not_modified_without_having_been_asked_is_refused(self, opened):
        with server(lambda exchange: exchange.answer(304)) as running:
            upstream = opened(running.url)
            assert reason(upstream.fetch, None).code == "input.unreachable"
            assert reason(upstream.fetch, digest_of(b"one")).code == "input.unreachable"

    @pytest.mark.parametrize(
        ("wait", "preference"), [(0, "modes=snapshot"), (30, "modes=snapshot;wait=30"), (-1, "modes=snapshot")]
    )
    def test_snapshots_are_asked_for_and_never_deltas(self, opened, wait, preference):
        with server(Bundles()) as running:
            opened(running.url).fetch(None, wait=wait)
            assert running.seen[0][1]["prefer"] == preference

    def test_a_server_may_hold_its_answer_for_as_long_as_it_was_told(self, opened):
        arrived, release, fetched = threading.Event(), threading.Event(), []

        def say(exchange):
            arrived.set()
            release.wait(PATIENCE_S)
            Bundles()(exchange)

        with server(say) as running:
            access = Access(timeout_s=0.1)
            patient = opened(running.url, access)
            thread = threading.Thread(target=lambda: fetched.append(patient.fetch(None, wait=FOR_EVER_S)))
            thread.start()
            assert arrived.wait(PATIENCE_S)
            # Whoever did not ask it to wait has left before it answers.
            assert reason(opened(running.url, access).fetch, None).code == "input.unreachable"
            release.set()
            thread.join(PATIENCE_S)
        assert [each.content for each in fetched] == [b"one"]

    def test_a_server_that_flips_between_two_versions_is_told_apart_every_time(self, opened):
        bundles = Bundles()
        with server(bundles) as running:
            upstream, validator, seen = opened(running.url), None, []
            for content, tag in [(b"A", '"a"'), (b"B", '"b"'), (b"A", '"a"'), (b"A", '"a"')]:
                bundles.content, bundles.tag = content, tag
                fetched = upstream.fetch(validator)
                seen.append(fetched and fetched.content)
                validator = fetched.validator if fetched else validator
        assert seen == [b"A", b"B", b"A", None]

    def test_it_recovers_after_a_failure(self, opened):
        answers = iter([503, 200])
        with server(lambda exchange: exchange.answer(next(answers), body=b"one")) as running:
            upstream = opened(running.url)
            assert reason(upstream.fetch, None).code == "input.unreachable"
            assert upstream.fetch(None).content == b"one"

    def test_more_than_a_bundle_may_have_is_not_read(self, opened):
        with server(Bundles(b"x" * 11)) as running:
            upstream = opened(running.url, limits=Limits(archive_bytes=10))
            assert reason(upstream.fetch, None).code == "input.too-large"

    def test_the_reference_is_told_without_its_query(self, opened):
        assert opened("https://bundles.example/a?token=secret").reference == "https://bundles.example/a"


class TestRegistry:
    @pytest.fixture
    def held(self):
        with registry() as running:
            yield running

    @pytest.fixture
    def upstream(self, held, opened):
        return opened(f"oci://{held.reference}")

    def test_the_bundle_of_a_tag_is_fetched(self, held, upstream):
        fetched = upstream.fetch(None)
        assert (fetched.content, fetched.validator) == (BUNDLE, digest_of(held.manifests["1"][0]))
        assert upstream.reference == f"oci://{held.reference}"

    def test_a_tag_that_has_not_moved_costs_one_question(self, held, upstream):
        validator = upstream.fetch(None).validator
        asked = len(held.running.seen)
        assert upstream.fetch(validator) is None
        assert len(held.running.seen) == asked + 1

    def test_a_tag_that_has_moved_is_seen_also_back(self, held, upstream):
        first = upstream.fetch(None)
        held.hold(b"newer")
        second = upstream.fetch(first.validator)
        held.hold(BUNDLE)
        assert (second.content, upstream.fetch(second.validator).content) == (b"newer", BUNDLE)

    def test_a_validator_of_another_kind_is_as_good_as_none(self, upstream):
        assert upstream.fetch('"1"').content == BUNDLE

    def test_what_was_pinned_is_fetched_once(self, held, opened):
        digest = digest_of(held.manifests["1"][0])
        upstream = opened(f"oci://{held.reference}@{digest}")
        assert upstream.fetch(None).validator == digest
        held.hold(b"newer")
        asked = len(held.running.seen)
        assert upstream.fetch(digest) is None
        assert len(held.running.seen) == asked
        assert upstream.fetch(None).content == BUNDLE

    def test_a_pin_is_not_satisfied_by_something_else(self, held, opened):
        upstream = opened(f"oci://{held.reference}@{digest_of(b'other')}")
        held.manifests[digest_of(b"other")] = held.manifests["1"]
        assert reason(upstream.fetch, None).code == "image.digest-mismatch"

    def test_an_image_without_a_bundle_is_refused(self, held, upstream):
        held.put(manifest(descriptor(BUNDLE, "application/vnd.example")))
        assert reason(upstream.fetch, None).code == "image.no-bundle"

    def test_a_layer_larger_than_a_bundle_may_be_is_not_asked_for(self, held, upstream):
        held.hold(BUNDLE, layer=descriptor(BUNDLE, size=10 * 2**30))
        assert reason(upstream.fetch, None).code == "input.too-large"
        assert all("/blobs/" not in path for path, _ in held.running.seen)

    def test_a_layer_of_other_bytes_is_refused(self, held, upstream):
        held.blobs[digest_of(BUNDLE)] = BUNDLE[::-1]
        assert reason(upstream.fetch, None).code == "image.digest-mismatch"

    def test_a_manifest_that_is_none_is_refused(self, held, upstream):
        held.put(b"{}")
        assert reason(upstream.fetch, None).code == "image.malformed"

    def test_a_layer_s_own_urls_are_not_asked(self, held, upstream):
        with server(lambda exchange: exchange.answer(body=BUNDLE)) as elsewhere:
            held.hold(BUNDLE, layer=descriptor(BUNDLE, urls=[f"{elsewhere.url}/{NAME}"]))
            assert upstream.fetch(None).content == BUNDLE
            assert elsewhere.seen == []


class TestPaths:
    def test_a_file_is_its_bytes_until_they_change(self, opened, tmp_path):
        path = tmp_path / "bundle.tar.gz"
        path.write_bytes(b"one")
        upstream = opened(path)
        fetched = upstream.fetch(None)
        assert (fetched.content, fetched.validator, upstream.reference) == (b"one", digest_of(b"one"), str(path))
        assert upstream.fetch(fetched.validator) is None
        path.write_bytes(b"two")
        assert upstream.fetch(fetched.validator).content == b"two"

    def test_a_directory_is_its_canonical_archive(self, opened, tmp_path):
        (tmp_path / "a.rego").write_text("package a\n")
        upstream = opened(tmp_path)
        fetched = upstream.fetch(None)
        assert fetched.content == pack_directory(tmp_path, limits=DEFAULT_LIMITS)
        assert upstream.fetch(fetched.validator, wait=60) is None
        (tmp_path / "b.rego").write_text("package b\n")
        assert upstream.fetch(fetched.validator) is not None

    def test_what_is_not_a_regular_file_is_not_read(self, opened, tmp_path):
        os.mkfifo(tmp_path / "fifo")
        for name in ("fifo", "missing"):
            assert reason(opened(tmp_path / name).fetch, None).code == "input.unreadable"

    def test_a_file_larger_than_a_bundle_may_be_is_not_read(self, opened, tmp_path):
        (tmp_path / "large").write_bytes(b"x" * 11)
        upstream = opened(tmp_path / "large", limits=Limits(archive_bytes=10))
        assert reason(upstream.fetch, None).code == "input.too-large"


class TestReferences:
    @pytest.mark.parametrize(
        "reference",
        [
            "https://",
            "https://user:secret@host/a",
            "https://host:port/a",
            "oci://",
            "oci://host/authz",
            "oci://host/Authz:1",
            "oci://user:secret@host/authz:1",
            "ftp://host/secret?secret",
            "file:///bundle",
        ],
    )
    def test_one_that_cannot_be_fetched_is_a_mistake_in_the_configuration(self, opened, reference):
        with pytest.raises(ConfigurationError) as refused:
            opened(reference)
        assert "user:secret" not in str(refused.value)

    @pytest.mark.parametrize("field", ["ca_file", "client_certificate"])
    def test_so_are_certificates_that_cannot_be_used(self, opened, field, tmp_path):
        (tmp_path / "junk.pem").write_text("junk")
        for name in ("junk.pem", "missing.pem"):
            with pytest.raises(ConfigurationError, match="certificates cannot be used"):
                opened("https://host/a", Access(**{field: tmp_path / name}))

    def test_opening_connects_to_nothing(self, opened):
        with server(Bundles()) as running:
            opened(running.url)
            opened(f"oci://127.0.0.1:{running.port}/authz:1")
            assert running.seen == []


class TestDocuments:
    def test_one_is_fetched_by_its_url_and_called_by_it(self):
        with server(lambda exchange: exchange.answer(body=b"{}")) as running:
            access = Access(bearer_token="t0ken")
            document = fetch_document(f"{running.url}/vsa.json?x=secret", access=access, max_bytes=9)
            assert (document.name, document.content) == (f"{running.url}/vsa.json", b"{}")
            assert running.seen[0][1]["authorization"] == "Bearer t0ken"

    def test_one_is_read_by_its_path(self, tmp_path):
        path = tmp_path / "vsa.json"
        path.write_bytes(b"{}")
        assert fetch_document(str(path), access=Access(), max_bytes=2).content == b"{}"
        assert reason(fetch_document, str(path), access=Access(), max_bytes=1).code == "input.too-large"

    @pytest.mark.parametrize("reference", ["missing", "oci://h/a:1", "ftp://h/a", "https://u:secret@h/a"])
    def test_one_that_cannot_be_had_is_refused(self, reference):
        found = reason(fetch_document, reference, access=Access(), max_bytes=9)
        assert found.code in {"input.unreadable", "input.unreachable"}
        assert "secret" not in found.subject


def test_a_path_needs_no_network(tmp_path):
    code = (
        "import sys\nfrom verifier.sources.upstream import *\nfrom verifier.core.limits import DEFAULT_LIMITS\n"
        "open('a', 'wb').close()\nopen_upstream('a', access=Access(), limits=DEFAULT_LIMITS).fetch(None)\n"
        "assert not {'socket', 'ssl', 'http.client', 'requests'} & set(sys.modules)"
    )
    root = str(ROOT)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}, check=True)


def test_a_url_needs_no_more_than_the_standard_library(tmp_path):
    code = (
        "import sys\nfrom verifier.sources.upstream import *\nfrom verifier.core.limits import DEFAULT_LIMITS\n"
        "open_upstream('oci://localhost/a:1', access=Access(), limits=DEFAULT_LIMITS)\n"
        "assert not {'requests', 'urllib3', 'cryptography', 'pydantic'} & set(sys.modules)"
    )
    root = str(ROOT)
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": root}, check=True)
