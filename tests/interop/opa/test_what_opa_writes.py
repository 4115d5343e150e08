"""What OPA's own commands write is accepted with the right key, or refused with what the documentation says of it."""

from __future__ import annotations

import time

import pytest

from tests.support.command import run
from tests.support.peers import opa_ways

pytestmark = [pytest.mark.interop, pytest.mark.rego]


@pytest.mark.parametrize("release", ["", *(pytest.param(each, marks=pytest.mark.nightly) for each in opa_ways.OLDER)])
@pytest.mark.parametrize("way", opa_ways.WAYS, ids=lambda way: f"{' '.join(way['run'])} > {' '.join(way['verify'])}")
def test_it_is_as_the_page_says(way, release, tmp_path, monkeypatch):
    environment = opa_ways.prepare(tmp_path, release=release, now=int(time.time()) - 60)
    opa_ways.go(way, tmp_path, environment)
    monkeypatch.chdir(tmp_path)
    answer = run("bundle", *way["verify"], "--format", "json")
    expected = way.get("older", way.get("code")) if release else way.get("code")
    found = [reason["code"] for reason in answer.report["reasons"] if reason["severity"] == "error"]
    assert found[:1] == ([expected] if expected else []), answer.report["reasons"]
    # One thing to mend is one reason: what follows from it says so.
    heads = {
        reason["code"]
        for reason in answer.report["reasons"]
        if reason["severity"] == "error" and "follows" not in reason
    }
    assert len(heads) <= 1
    assert answer.status == (1 if expected else 0)
