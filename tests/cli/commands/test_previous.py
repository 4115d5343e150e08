"""`--previous`: the version must be above what is published, or be it; with a ledger and without."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.command import ask, run
from tests.support.net.registries import registry
from tests.support.net.servers import server
from tests.support.publishing.releases import VERIFY, release

pytestmark = pytest.mark.usefixtures("place")
MONOTONIC = "POLICY_VERIFIER_MONOTONIC"
UNKNOWN = (3, ["version.previous-unknown"])
WHERE = "/authz.tar.gz"


def made(revision, *options, **said):
    return release(revision, *options, out=said.pop("out", f"authz-{revision}.tar.gz"), **said)


def judged(bundle, *previous, options=(), policy=VERIFY):
    named = [word for each in previous for word in ("--previous", each)]
    return ask("bundle", bundle, *policy, *named, *options)


def decided(answer):
    return answer.status, answer.codes


def told(answer):
    return [reason["code"] for reason in answer.report["reasons"]]


def about(answer):
    return next(
        reason["message"] for reason in answer.report["reasons"] if reason["code"] == "version.previous-unknown"
    )


@pytest.fixture
def published():
    """A bundle server of 1.4.0, whose answer a test may exchange."""
    content = made("1.4.0").read_bytes()
    with server(lambda exchange: exchange.server.reply(exchange)) as running:
        running.reply = lambda exchange: exchange.answer(body=content)
        yield running


@pytest.fixture
def held():
    with registry() as running:
        running.hold(made("1.4.0").read_bytes())
        yield running


class TestWhatIsPublished:
    def test_a_higher_version_passes_without_any_state_and_is_called_monotonic(self, published):
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}")
        assert (answer.status, MONOTONIC in answer.report["levels"], answer.report["ledger"]) == (0, True, None)
        assert not {"version.unchecked", "version.first-use"} & set(told(answer))

    def test_it_is_read_once(self, published):
        judged(made("1.5.0"), f"{published.url}{WHERE}")
        assert [path for path, _ in published.seen] == [WHERE]

    def test_it_stands_in_the_report_and_in_the_verdict(self):
        previous = made("1.4.0")
        answer = judged(made("1.5.0"), previous, options=("--verdict-out", "v.json", "--signing-key", "release"))
        digest = {"kind": "previous", "digest": answer.report["inputs"][-1]["digest"]}
        assert digest in answer.report["inputs"]
        shown = run("bundle", "authz-1.5.0.tar.gz", *VERIFY, "--previous", previous).out
        assert "release (previous" in shown
        assert Path("v.json").exists()

    def test_an_older_version_is_a_rollback(self, published):
        assert decided(judged(made("1.3.0"), f"{published.url}{WHERE}")) == (1, ["version.rollback"])

    def test_the_same_bytes_may_be_published_again(self):
        bundle = made("1.4.0")
        shutil.copy(bundle, "published.tar.gz")
        answer = judged(bundle, "published.tar.gz")
        assert (answer.status, MONOTONIC in answer.report["levels"]) == (0, True)

    def test_the_same_version_with_other_bytes_is_equivocation(self, published):
        Path("src/authz/policy.rego").write_text("package authz\n\nx := 2\n")
        assert decided(judged(made("1.4.0", out="b.tar.gz"), f"{published.url}{WHERE}")) == (
            1,
            ["version.equivocation"],
        )

    def test_what_differs_in_build_metadata_alone_is_equivocation(self, published):
        assert decided(judged(made("1.4.0+b"), f"{published.url}{WHERE}")) == (1, ["version.equivocation"])

    def test_each_of_several_binds(self, published, held):
        held.hold(made("1.6.0").read_bytes())
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}", f"oci://{held.reference}")
        assert decided(answer) == (1, ["version.rollback"])

    def test_a_step_beyond_max_jump_is_refused(self, published):
        text = Path("trust.toml").read_text()
        Path("jump.toml").write_text(text.replace('scheme = "semver" }', 'scheme = "semver" }\nmax_jump = "0.5"', 1))
        policy = ("--policy", "jump.toml", "--name", "authz")
        assert decided(judged(made("2.0.0"), f"{published.url}{WHERE}", policy=policy)) == (1, ["version.fast-forward"])

    def test_flags_make_the_rule_as_well(self, published):
        flags = ("--key", "release.pub", "--version-from", "manifest.revision", "--version-scheme", "semver")
        assert judged(made("1.5.0"), f"{published.url}{WHERE}", policy=flags).status == 0
        assert decided(judged(made("1.3.0"), f"{published.url}{WHERE}", policy=flags)) == (1, ["version.rollback"])

    def test_a_registry_s_tag(self, held):
        assert judged(made("1.5.0"), f"oci://{held.reference}").status == 0
        assert decided(judged(made("1.3.0"), f"oci://{held.reference}")) == (1, ["version.rollback"])

    def test_a_directory_is_read_as_a_bundle_is(self):
        Path("src/.manifest").write_text(json.dumps({"revision": "1.4.0", "roots": ["authz"]}))
        assert decided(judged(made("1.5.0"), "src")) == UNKNOWN  # nobody has signed it

    def test_beside_a_ledger_both_bind(self, published):
        run("ledger", "init")
        assert judged(made("1.6.0"), f"{published.url}{WHERE}", options=("--record",)).status == 0
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}", options=("--record",))
        assert decided(answer) == (1, ["version.rollback"])

    def test_a_ledger_s_first_use_is_none_where_something_is_published(self, published):
        run("ledger", "init")
        answer = judged(made("1.6.0"), f"{published.url}{WHERE}", options=("--record",))
        assert (answer.status, "version.first-use" in told(answer)) == (0, False)


class TestWhatCannotBeTold:
    """Each leaves it undecided, and names what was seen."""

    @pytest.mark.parametrize("status", [401, 403, 410, 429, 500, 502, 503])
    def test_a_server_that_does_not_say(self, published, status):
        published.reply = lambda exchange: exchange.answer(status)
        for options in ((), ("--previous-may-be-absent",)):
            answer = judged(made("1.5.0"), f"{published.url}{WHERE}", options=options)
            assert decided(answer) == UNKNOWN
            assert str(status) in about(answer)

    @pytest.mark.parametrize(
        "content",
        [b"", b"<html><body>Sign in</body></html>", b"\x1f\x8b\x08", b"{}"],
        ids=["empty", "html", "cut", "json"],
    )
    def test_what_is_no_bundle(self, published, content):
        published.reply = lambda exchange: exchange.answer(body=content)
        assert decided(judged(made("1.5.0"), f"{published.url}{WHERE}")) == UNKNOWN

    def test_one_that_is_cut_short_doubled_or_tampered_with(self, published):
        content = made("1.4.0").read_bytes()
        for broken in (content[:-20], content + content, content[:200] + b"\0" + content[201:]):
            published.reply = lambda exchange, broken=broken: exchange.answer(body=broken)
            answer = judged(made("1.5.0"), f"{published.url}{WHERE}", options=("--previous-may-be-absent",))
            assert decided(answer) == UNKNOWN

    def test_one_that_is_larger_than_allowed(self, published):
        text = Path("trust.toml").read_text()
        size = max(path.stat().st_size for path in (made("1.5.0"), made("1.4.0"))) + 100
        Path("small.toml").write_text(f"{text}\n[limits]\narchive-bytes = {size}\n")
        published.reply = lambda exchange: exchange.answer(body=b"\0" * (size + 1))
        policy = ("--policy", "small.toml", "--name", "authz")
        answer = judged("authz-1.5.0.tar.gz", f"{published.url}{WHERE}", policy=policy)
        assert decided(answer) == UNKNOWN
        assert "input.too-large" in about(answer)

    @pytest.mark.parametrize("revision", ["1.4.0", "9.0.0"])
    def test_a_stranger_s_of_whatever_version(self, published, revision):
        content = made(revision, key="stranger", out="s.tar.gz").read_bytes()
        published.reply = lambda exchange: exchange.answer(body=content)
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}")
        assert decided(answer) == UNKNOWN
        assert "signer.untrusted" in about(answer)

    def test_another_bundle_under_its_name(self, published):
        content = made("1.4.0", "--scope", "billing", out="billing.tar.gz").read_bytes()
        published.reply = lambda exchange: exchange.answer(body=content)
        text = Path("trust.toml").read_text()
        Path("bound.toml").write_text(
            text.replace(
                '[artifacts."bundle:authz"]', '[artifacts."bundle:authz"]\nname = { from = "signature.scope" }'
            )
        )
        policy = ("--policy", "bound.toml", "--name", "authz")
        answer = judged(made("1.5.0", "--scope", "authz"), f"{published.url}{WHERE}", policy=policy)
        assert decided(answer) == UNKNOWN
        assert "name.mismatch" in about(answer)

    @pytest.mark.parametrize("revision", ["v1.4.0", "2026-11-21", "cafe123"])
    def test_a_version_of_another_scheme(self, published, revision):
        content = made(revision, out="other.tar.gz").read_bytes()
        published.reply = lambda exchange: exchange.answer(body=content)
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}")
        assert decided(answer) == UNKNOWN
        assert revision in about(answer)

    def test_one_whose_signer_was_revoked(self, published):
        text = Path("trust.toml").read_text()
        made("1.5.0", key="stranger")
        swapped = text.replace('"release.pub"', '"stranger.pub"', 1)
        Path("revoked.toml").write_text(f'{swapped}\n[signers.old]\nkey = "release.pub"\nrevoked = true\n')
        policy = ("--policy", "revoked.toml", "--name", "authz")
        answer = judged("authz-1.5.0.tar.gz", f"{published.url}{WHERE}", policy=policy)
        assert "version.previous-unknown" in answer.codes

    def test_a_redirect_to_nothing_is_not_an_absence(self, published):
        published.reply = lambda exchange: (
            exchange.answer(302, Location="/gone") if exchange.path == WHERE else exchange.answer(404)
        )
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}", options=("--previous-may-be-absent",))
        assert decided(answer) == UNKNOWN

    def test_a_rule_that_orders_nothing(self, published):
        text = Path("trust.toml").read_text()
        start = text.index("version = {")
        unordered = text[:start] + 'version = "none"' + text[text.index("}", start) + 1 :]
        Path("none.toml").write_text(unordered)
        answer = judged(made("1.5.0"), f"{published.url}{WHERE}", policy=("--policy", "none.toml", "--name", "authz"))
        assert decided(answer) == UNKNOWN
        unknown = [reason for reason in answer.report["reasons"] if reason["code"] == "version.previous-unknown"]
        assert ["version = {" in reason["hint"] for reason in unknown] == [True]


class TestWhatIsNotThere:
    def absent(self, reference, *, expected):
        bundle = made("1.5.0")
        assert decided(judged(bundle, reference)) == UNKNOWN
        answer = judged(bundle, reference, options=("--previous-may-be-absent",))
        if not expected:
            assert decided(answer) == UNKNOWN
            return
        assert (answer.status, MONOTONIC in answer.report["levels"]) == (0, False)
        assert "version.first-use" in told(answer)

    def test_a_server_s_404(self, published):
        published.reply = lambda exchange: exchange.answer(404)
        self.absent(f"{published.url}{WHERE}", expected=True)

    def test_a_file_in_a_folder_that_is_there(self):
        self.absent("never.tar.gz", expected=True)

    def test_not_a_file_in_a_folder_that_is_gone(self):
        self.absent("lost/never.tar.gz", expected=False)

    def test_not_a_link_that_leads_nowhere(self):
        Path("link.tar.gz").symlink_to("gone.tar.gz")
        self.absent("link.tar.gz", expected=False)

    def test_not_a_server_that_is_down(self, published):
        published.server_close()
        self.absent(f"{published.url}{WHERE}", expected=False)

    @pytest.mark.parametrize("code", ["MANIFEST_UNKNOWN", "NAME_UNKNOWN"])
    def test_a_tag_that_the_registry_does_not_know(self, held, code):
        body = json.dumps({"errors": [{"code": code, "message": "unknown"}]}).encode()
        held.instead["/v2/acme/authz/manifests/1"] = lambda exchange: exchange.answer(404, body)
        self.absent(f"oci://{held.reference}", expected=True)

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": [{"code": "DENIED"}]}', b'{"errors": {}}'])
    def test_not_the_404_of_what_is_no_registry(self, held, body):
        held.instead["/v2/acme/authz/manifests/1"] = lambda exchange: exchange.answer(404, body)
        self.absent(f"oci://{held.reference}", expected=False)

    def test_not_a_layer_that_is_missing(self, held):
        held.blobs.clear()
        self.absent(f"oci://{held.reference}", expected=False)


class TestWrongUsage:
    def wrong(self, *words):
        answer = run("bundle", *words)
        assert (answer.status, answer.out) == (2, "")
        return answer.err

    def test_the_artifact_is_not_its_own_predecessor(self):
        bundle = made("1.5.0")
        Path("link.tar.gz").symlink_to(bundle)
        for same in (bundle, f"./{bundle}", "link.tar.gz"):
            assert "is the artifact itself" in self.wrong(bundle, *VERIFY, "--previous", same)

    def test_nor_is_the_same_place(self, published):
        url = f"{published.url}{WHERE}"
        assert "is the artifact itself" in self.wrong(url, *VERIFY, "--previous", url)

    @pytest.mark.parametrize("option", [("--previous-may-be-absent",), ("--previous-attestation", "a.json")])
    def test_what_goes_with_it_alone(self, option):
        assert "goes with --previous" in self.wrong(made("1.5.0"), *VERIFY, *option)

    def test_flags_that_order_nothing(self):
        assert "--version-from" in self.wrong(made("1.5.0"), "--key", "release.pub", "--previous", "src")

    def test_a_scheme_that_cannot_be_fetched(self):
        assert "ftp://" in self.wrong(made("1.5.0"), *VERIFY, "--previous", "ftp://example.org/a")

    def test_more_places_than_anybody_publishes_at(self):
        many = [word for at in range(17) for word in ("--previous", f"p{at}.tar.gz")]
        assert "at most 16" in self.wrong(made("1.5.0"), *VERIFY, *many)

    @pytest.mark.parametrize("option", [("--record",), ("--ledger", "sqlite:l.db"), ("--ledger-init",)])
    def test_a_ledger_needs_a_name_that_no_file_gives(self, option):
        flags = ("--key", "release.pub", "--version-from", "manifest.revision", "--version-scheme", "semver")
        assert "--name: is needed" in self.wrong(made("1.4.0"), *flags, *option)
        run("ledger", "init")
        assert run("bundle", made("1.4.0"), *flags, "--record", "--name", "authz").status == 0
        older = ask("bundle", made("1.3.0"), *flags, "--record", "--name", "authz")
        assert decided(older) == (1, ["version.rollback"])


class TestAnyFile:
    def test_what_is_published_has_its_own_attestations(self):
        flags = ("--key", "release.pub", "--version-from", "attestation.version", "--version-scheme", "semver")
        for version, content in (("1.4.0", "old"), ("1.5.0", "new"), ("1.3.0", "older")):
            Path(f"app-{version}").write_text(content)
            signed = ("--key", "release", "--name", "app", "--version", version, "--out", f"app-{version}.json")
            assert run("sign", "artifact", f"app-{version}", *signed).status == 0
        previous = ("--previous", "app-1.4.0", "--previous-attestation", "app-1.4.0.json")
        for version, expected in (("1.5.0", (0, [])), ("1.3.0", (1, ["version.rollback"]))):
            asked = ("artifact", f"app-{version}", "--name", "app", "--attestation", f"app-{version}.json", *flags)
            answer = ask(*asked, *previous)
            assert decided(answer) == expected, answer.report["reasons"]
            assert decided(ask(*asked, "--previous", "app-1.4.0")) == UNKNOWN
