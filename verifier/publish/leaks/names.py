"""What a name gives away: version control, editors, environments, credentials, keys, and whatever is hidden.

* a name is judged as every file system would read it: case, width, invisible characters and trailing dots do not count
* of what begins with a dot, only a bundle's own files are not hidden
* a name says what a file is for; what it holds is `content`'s
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from verifier.publish.leaks.sight import CREDENTIALS, PRIVATE_KEY, Sight

_OURS: Final = frozenset({".manifest", ".signatures.json"})

_VERSION_CONTROL: Final = frozenset(
    {".git", "git~1", ".hg", ".svn", "_svn", ".bzr", ".jj", ".sl", ".pijul", "_darcs", "_mtn", ".fslckout", "_fossil_"}
    | {".gitmodules", ".gitignore", ".gitattributes", ".gitkeep", ".git-blame-ignore-revs", ".mailmap", ".hgignore"}
    | {".hgtags", ".bzrignore", ".arch-ids", "{arch}", ".p4config", ".p4ignore", ".cvsignore", ".repo", ".gitlab"}
    | {".github", ".gitea", ".forgejo"}
)
_OLD_VERSION_CONTROL: Final = frozenset({"CVS", "RCS", "SCCS"})
"""Folders that count only as they are written: `cvs` may be a name of one's own."""
_EDITOR: Final = frozenset(
    {".vscode", ".vscode-server", ".idea", ".vs", ".fleet", ".zed", ".cursor", ".settings", ".project", ".classpath"}
    | {".history", ".vim", ".viminfo", ".netrwhist", ".emacs.d", ".nova", ".metals", ".sublime-project"}
    | {".ds_store", ".appledouble", ".spotlight-v100", ".trashes", ".directory", "__macosx", "thumbs.db", "desktop.ini"}
    | {"session.vim", ".editorconfig", "nohup.out"}
)
_EDITOR_SHAPES: Final = re.compile(
    r".*~|#.*#|\.#.*|.*\.(?:sw[a-p]|un~|bak|backup|orig|rej|old|save|autosave|sublime-workspace|code-workspace|iml)"
    r"|\._.*|core\.\d+|4913"
)
_ENVIRONMENT: Final = re.compile(
    r"\.env(?:[._-].*|rc|s)?|.*\.env(?:rc)?|\.flaskenv|\.dev\.vars(?:\..*)?|\.direnv|dotenv"
)
_CREDENTIALS: Final = frozenset(
    {".netrc", "_netrc", ".authinfo", ".authinfo.gpg", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pypirc", ".gemrc"}
    | {".git-credentials", ".gitconfig", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".s3cfg", ".boto"}
    | {".dockercfg", ".dockerconfigjson", ".docker", ".aws", ".azure", ".gcloud", ".kube", ".ssh", ".gnupg", ".oci"}
    | {".cargo", ".terraform", ".terraformrc", "terraform.rc", ".vault-token", ".vault_pass", ".htpasswd", "htpasswd"}
    | {".password-store", ".databrickscfg", ".snowsql", ".config", ".m2", ".gradle", ".bundle", ".composer", ".nuget"}
    | {".bash_history", ".zsh_history", ".sh_history", ".python_history", ".psql_history", ".mysql_history"}
    | {".node_repl_history", ".rediscli_history", ".lesshst", ".wget-hsts", ".curlrc", ".wgetrc", ".smbcredentials"}
    | {
        "credentials",
        "kubeconfig",
        "secring.gpg",
        "master.key",
        "credentials.yml.enc",
        "application_default_credentials.json",
    }
    | {".sigstore", ".cosign", ".rnd", ".sops.yaml", ".chef", ".fly", ".heroku", ".travis.yml", ".secrets", ".secret"}
)
_CREDENTIAL_SHAPES: Final = re.compile(
    r".*\.(?:tfstate(?:\..*)?|tfvars(?:\.json)?|kubeconfig|kdbx?|agilekeychain|opvault|1pif|keychain(?:-db)?|rdp|ovpn)"
    r"|(?:google-)?service[-_]?account.*\.json|client_secrets?.*\.json|vault[-_]pass(?:word)?(?:\..*)?"
)
_KEY_SHAPES: Final = re.compile(
    r"(?:ssh_host_|id_)(?:rsa|dsa|ecdsa|ed25519|xmss)(?:_sk)?(?:_key)?(?:[._-](?!pub$).*)?"
    r"|.*\.(?:key|p12|pfx|jks|jceks|bks|bcfks|keystore|truststore|ppk|p8|pk8|pkcs8|pvk|skey|sec|agekey|nsskey)"
    r"|.*[._-](?:private|priv|secret)[._-]?key(?:\.(?:pem|der|txt|json|asc))?|private[._-]?key(?:\.(?:pem|der|txt|json|asc))?"
)
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")


def sights_by_name(path: str, *, folder: bool = False) -> Iterator[Sight]:
    """What the name of a file, or of a `folder`, gives away; `path` is parted by '/', and every part of it counts.

    What is not hidden counts as a file's name only: `credentials/data.json` is data like any other.
    """
    *folders, last = path.split("/")
    for part in (*folders, *([last] if folder else [])):
        if seen := _of_a_folder(part):
            yield seen
    if not folder and last not in _OURS and (seen := _of_any(last) or _of_a_file(last)):
        yield seen


def _of_a_folder(part: str) -> Sight | None:
    if _as_read(part).endswith(".git"):
        return Sight("leak.version-control", f"{part} is version control's")
    return _of_any(part)


def _of_any(part: str) -> Sight | None:
    name = _as_read(part)
    if name in _VERSION_CONTROL or part in _OLD_VERSION_CONTROL:
        return Sight("leak.version-control", f"{part} is version control's")
    if name == "__macosx":
        return Sight("leak.editor", f"{part} was left behind by an editor or a desktop")
    if not name.startswith("."):
        return None
    return _of_a_file(part) or Sight("leak.hidden", f"{part} is hidden")


def _of_a_file(part: str) -> Sight | None:
    name = _as_read(part)
    if part.endswith(",v"):
        return Sight("leak.version-control", f"{part} is version control's")
    if _ENVIRONMENT.fullmatch(name):
        return Sight("leak.environment", f"{part} is an environment file")
    if name in _CREDENTIALS or _CREDENTIAL_SHAPES.fullmatch(name):
        return Sight(CREDENTIALS, f"{part} is a store of credentials")
    if _KEY_SHAPES.fullmatch(name):
        return Sight(PRIVATE_KEY, f"{part} is the name of a private key")
    if name in _EDITOR or _EDITOR_SHAPES.fullmatch(name):
        return Sight("leak.editor", f"{part} was left behind by an editor or a desktop")
    return None


def _as_read(part: str) -> str:
    """The name as the most lenient file system reads it: HFS+ skips what is invisible, NTFS what trails."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", part)).casefold()
    return plain.partition("::$")[0].rstrip(". ") or plain
