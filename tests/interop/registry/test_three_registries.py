"""The three registries, as they are set up: what one pushes another client finds, and where referrers are listed."""

import json
import urllib.error
import urllib.request

import pytest

pytestmark = pytest.mark.interop


def pushed(registry, tmp_path):
    (tmp_path / "bundle").write_bytes(b"content")
    return registry.push("acme/three:1", (tmp_path / "bundle", "application/vnd.example"))


def answered(url):
    """The JSON of an answer; None where it has status 404."""
    try:
        with urllib.request.urlopen(url) as answer:  # noqa: S310  (loopback, ours)
            return json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        return None


def test_what_was_pushed_is_found_by_its_tag(any_registry, tmp_path):
    digest = pushed(any_registry, tmp_path)
    resolved = any_registry.oras("resolve", "--plain-http", f"{any_registry.host}/acme/three:1")
    assert resolved.strip() == digest


def test_a_referrer_is_listed_by_the_api_or_under_the_fallback_tag(any_registry, tmp_path):
    digest = pushed(any_registry, tmp_path)
    (tmp_path / "note").write_bytes(b"a note")
    subject = f"{any_registry.host}/acme/three@{digest}"
    kind = ("--artifact-type", "application/vnd.example.note")
    any_registry.oras("attach", "--plain-http", "--disable-path-validation", *kind, subject, str(tmp_path / "note"))
    url = f"http://{any_registry.host}/v2/acme/three/"
    listing = answered(f"{url}referrers/{digest}") or answered(f"{url}manifests/{digest.replace(':', '-')}")
    assert len(listing["manifests"]) == 1
