"""A repository whose pipeline runs the action: keys, a policy, releases, and a cache as GitHub's is."""

import shutil
import sys

from tests.support.command import run
from tests.support.pipelines.composite import Composite, Failed, plain_python
from tests.support.places import ROOT

POLICY = """\
version = 1
id = "https://example.org/policy/authz"
[signers.release]
key = "keys/release.pub"
[signers.ci]
key = "keys/ci.pub"
[verifiers.ci]
id = "https://example.org/verifiers/ci"
signer = "ci"
[artifacts."bundle:authz"]
signatures = { from = ["release"] }
name = { from = "signature.scope" }
version = { from = "manifest.revision", scheme = "semver" }
resource_uri = "https://bundles.acme.example/authz.tar.gz"
"""


def make_keys(folder):
    """Keys of the release and of the pipeline."""
    for name in ("release", "ci"):
        assert run("key", "generate", folder / name, "--no-passphrase").status == 0
    return folder


class Cache:
    """GitHub's cache: nothing in it is ever replaced; a key is found exactly, or by a beginning the newest."""

    def __init__(self, folder):
        self._folder, self.kept, self.is_down, self._path = folder, [], False, None
        folder.mkdir()

    def restore(self, inputs):
        found = self._found(inputs["key"], exactly=True)
        for beginning in filter(None, inputs.get("restore-keys", "").splitlines()):
            found = found or self._found(beginning, exactly=False)
        if found is None and inputs.get("fail-on-cache-miss") == "true":
            raise Failed("Failed to restore cache entry")
        if found is not None and inputs.get("lookup-only") != "true":
            assert inputs["path"] == self._path, "a cache is found again by its path alone"
            shutil.copytree(self._folder / found, inputs["path"], dirs_exist_ok=True)
        return {"cache-hit": str(found == inputs["key"]).lower(), "cache-matched-key": found or ""}

    def save(self, inputs):
        if self.is_down or inputs["key"] in self.kept:
            return  # the action warns, and the step is a success
        self._path = inputs["path"]
        shutil.copytree(inputs["path"], self._folder / inputs["key"])
        self.kept.append(inputs["key"])

    def forget(self):
        """As after a week in which nobody asked."""
        self.kept.clear()

    def _found(self, key, *, exactly):
        return next(
            (each for each in reversed(self.kept) if each == key or (each.startswith(key) and not exactly)), None
        )


class Repository:
    """The repository, and one run of its pipeline after the other."""

    def __init__(self, folder, keys):
        self.folder, self.workspace, self.cache = folder, folder / "work", Cache(folder / "cache")
        self.uploaded, self._runs = [], 0
        self.workspace.mkdir()
        shutil.copytree(keys, self.workspace / "keys")
        (self.workspace / "trust.toml").write_text(POLICY)

    def build(self, version, *, module="default allow := false", name="authz.tar.gz"):
        """Build and sign a release, as the step before the action."""
        source = self.workspace / "src"
        shutil.rmtree(source, ignore_errors=True)
        (source / "authz").mkdir(parents=True)
        (source / ".manifest").write_text(f'{{"revision": "{version}", "roots": ["authz"], "rego_version": 1}}')
        (source / "authz" / "policy.rego").write_text(f"package authz\n\n{module}\n")
        (self.workspace / name).unlink(missing_ok=True)
        given = ("--key", "keys/release", "--keyid", "release", "--scope", "authz", "--out", name)
        built = run("sign", "bundle", "src", *given)
        assert built.status == 0, built.err

    @property
    def signing_key(self):
        return (self.workspace / "keys" / "ci").read_text()

    def action(self, *, environment=None, does=None, seen=None, **inputs):
        """One run of the action with these inputs; what is not said is the release in the workspace.

        What the environment's Python is told goes to the file `seen` too, as a list of processes would show it.
        """
        self._runs += 1
        temporary = self.folder / "runner"
        shutil.rmtree(temporary, ignore_errors=True)  # the same for each run, and empty at its beginning
        temporary.mkdir()
        plain_python(temporary, sys.executable, seen)
        cancelled_after = inputs.pop("cancelled_after", "")
        action = Composite(
            ROOT / "action.yml",
            workspace=self.workspace,
            temporary=temporary,
            environment={"GITHUB_RUN_ID": str(1000 + self._runs), "GITHUB_RUN_ATTEMPT": "1", **(environment or {})},
            contexts={},
            does={
                "actions/cache/restore": self.cache.restore,
                "actions/cache/save": self.cache.save,
                "github/codeql-action/upload-sarif": self.uploaded.append,
                **(does or {}),
            },
            without=("Install",),
            cancelled_after=cancelled_after,
        )
        given = {"kind": "bundle", "ref": "authz.tar.gz", "policy": "trust.toml", "name": "authz", **inputs}
        return action.run(**given)
