"""What GitHub runs, held by those who know: actionlint, and zizmor at its most pedantic."""

import subprocess

import pytest

from tests.support.peers.peers import executable
from tests.support.places import ROOT

pytestmark = pytest.mark.interop
PEERS = {
    "actionlint": ("-no-color",),
    "zizmor": ("--offline", "--persona=pedantic", "--no-progress", "."),
}


def ran(peer, *arguments):
    command = (executable(peer, peer.upper()), *arguments)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("peer", PEERS)
def test_the_workflows_and_actions_have_no_finding(peer):
    done = ran(peer, *PEERS[peer])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("was", "becomes", "finding"),
    [
        ("checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8  # v5.0.0", "checkout@v5", "unpinned-uses"),
        ('cat "$RUNNER_TEMP/audit.md"', 'cat "${{ inputs.targets }}"', "template-injection"),
        ("$/.github/actions/install", "./.github/actions/install", "self-repository"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
    ],
)
def test_zizmor_would_find_what_is_wrong(tmp_path, was, becomes, finding):
    """That it finds nothing says something."""
    text = (ROOT / ".github" / "workflows" / "audit.yml").read_text()
    assert was in text
    changed = tmp_path / ".github" / "workflows" / "audit.yml"
    changed.parent.mkdir(parents=True)
    changed.write_text(text.replace(was, becomes))
    done = ran("zizmor", "--offline", "--persona=pedantic", "--no-progress", str(changed))
    assert done.returncode != 0
    assert finding in done.stdout
