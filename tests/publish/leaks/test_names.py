"""What a name gives away."""

import pytest

from verifier.publish.leaks.names import sights_by_name


def codes(path, **about):
    return sorted({each.code for each in sights_by_name(path, **about)})


VERSION_CONTROL = [
    ".git",
    ".git/config",
    "sub/.git",
    ".hg/hgrc",
    ".svn/entries",
    ".jj/repo",
    ".bzr",
    "CVS/Root",
    "_darcs",
]
DISGUISED = [
    ".GIT/config",
    ".Git",
    ".git.",
    ".git ",
    "git~1",
    "GIT~1",
    ".g\u200cit",
    "．git",
    ".git::$INDEX_ALLOCATION",
]


@pytest.mark.parametrize("path", [*VERSION_CONTROL, *DISGUISED, "policy.rego,v", ".gitignore", ".gitmodules"])
def test_version_control_is_seen_as_any_file_system_reads_it(path):
    assert codes(path) == ["leak.version-control"]


@pytest.mark.parametrize(
    "path", [".env", ".env.local", "app/.ENV.production", "prod.env", ".envrc", ".flaskenv", ".env-old", ".Env"]
)
def test_environment_files_are_seen(path):
    assert codes(path) == ["leak.environment"]


@pytest.mark.parametrize(
    "path",
    [
        ".netrc",
        "_netrc",
        ".npmrc",
        ".pypirc",
        ".git-credentials",
        ".docker/config.json",
        ".kube/config",
        "kubeconfig",
        ".aws/credentials",
        ".vault-token",
        "terraform.tfstate",
        "prod.tfstate.backup",
        "x.tfvars",
        "vault.kdbx",
        ".pgpass",
        ".ssh/known_hosts",
        ".gnupg/x",
        "service-account.json",
        "client_secret_123.json",
        ".bash_history",
    ],
)
def test_stores_of_credentials_are_seen(path):
    assert codes(path) == ["leak.credentials"]


@pytest.mark.parametrize(
    "path",
    [
        "id_rsa",
        "id_ed25519",
        "sub/ID_ECDSA",
        "id_rsa.bak2",
        "release.key",
        "cosign.key",
        "x.p12",
        "x.pfx",
        "x.jks",
        "x.ppk",
        "ssh_host_rsa_key",
        "private-key.pem",
        "ci_private_key.pem",
        "x.p8",
    ],
)
def test_names_of_private_keys_are_seen(path):
    assert codes(path) == ["leak.private-key"]


@pytest.mark.parametrize(
    "path",
    [
        "data.json~",
        ".policy.rego.swp",
        "#data.json#",
        ".#data.json",
        ".vscode/settings.json",
        ".idea/workspace.xml",
        "policy.rego.bak",
        "policy.rego.orig",
        ".DS_Store",
        "Thumbs.db",
        "__MACOSX/x",
        "._data.json",
    ],
)
def test_what_editors_and_desktops_leave_behind_is_seen(path):
    assert codes(path) == ["leak.editor"]


@pytest.mark.parametrize(
    "path", [".hidden", "a/.regal/config.yaml", ".x/data.json", ".Manifest", "..data/data.json", ".manifest/x"]
)
def test_whatever_else_is_hidden_is_seen(path):
    assert codes(path) == ["leak.hidden"]


@pytest.mark.parametrize(
    "path",
    [
        ".manifest",
        ".signatures.json",
        "data.json",
        "authz/policy.rego",
        "keys/data.json",
        "credentials/data.json",
        "secrets/policy.rego",
        "private_key.rego",
        "env/data.yaml",
        "environment.json",
        "policy_test.rego",
        "id_rsa.pub",
        "token/data.json",
        "rsa/data.json",
        "identity/data.json",
        "policy.wasm",
        "LICENSE",
        "a.env/data.json",
        "git/x.rego",
        "backup/data.json",
        "master.key/data.json",
        "history.rego",
        "cvs/data.json",
        "core/data.json",
        "keystore.rego",
    ],
)
def test_honest_names_are_not_seen(path):
    assert codes(path) == []


@pytest.mark.parametrize(
    ("folder", "seen"), [(".git", True), ("a/.cache", True), ("keys", False), ("credentials", False)]
)
def test_a_folder_is_judged_before_it_is_entered(folder, seen):
    assert bool(codes(folder, folder=True)) is seen
