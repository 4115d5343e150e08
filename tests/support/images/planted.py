"""Secrets as they lie around in images: made for tests, none of them opens anything.

Put together of parts, so that whoever searches the sources of this project finds none.
"""

from __future__ import annotations

import base64
from pathlib import Path

from tests.support.material import private_pem
from verifier.archives.layers.table import Entry
from verifier.secrets.finding import SecretScan
from verifier.secrets.scanner import Scanner

PASSWORD = "Zq8fk2Lm" + "9xRw"
GITHUB = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
SLACK = "xoxb-" + "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"
NPM = "npm_" + "bB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"
AWS = "hT3kLm9Qx2Vb7Nn5Rr8S" + "s1Dd4Ff6Gg0Hh2Jj5Kk9"
LOGIN = base64.b64encode(f"ci:{PASSWORD}".encode()).decode()
ALL = (PASSWORD, GITHUB, SLACK, NPM, AWS, LOGIN, PASSWORD[:6], base64.b64encode(PASSWORD.encode()).decode())

OURS = {
    "root/.docker/config.json": f'{{"auths": {{"registry.acme.example": {{"auth": "{LOGIN}"}}}}}}',
    "root/.dockercfg": f'{{"registry.acme.example":{{"auth":"{LOGIN}","email":"ci@acme.example"}}}}',
    "var/token.json": f'{{"auths":{{"r":{{"identitytoken" : "{PASSWORD}{PASSWORD}"}}}}}}',
    "app/.npmrc": f"//registry.acme.example/:_authToken={PASSWORD}-77aa-4b0e\nalways-auth=true\n",
    "app/npmrc-old": f"//registry.acme.example/:_password = {base64.b64encode(PASSWORD.encode()).decode()}\n",
    "etc/pip.conf": f"[global]\nindex-url = https://ci:{PASSWORD}@pypi.acme.example/simple\n",
    "root/.pypirc": f"[acme]\nusername = ci\npassword = {PASSWORD}\n",
    "root/.netrc": f"machine git.acme.example\n  login ci\n  password {PASSWORD}\n",
    "app/settings.py": f"DATABASE = 'postgresql+psycopg://app:{PASSWORD}@db.acme.example:5432/app'\n",
    "app/cache.yml": f"url: redis://:{PASSWORD}@cache.acme.example/0\n",
    "etc/app.ini": f"[database]\nuser = app\npassword = {PASSWORD}\n",
    "app/.env": f"export DB_PASSWORD='{PASSWORD}'\n",
    "root/.git-credentials": f"https://ci:{PASSWORD}@git.acme.example\n",
    "root/.pgpass": f"db.acme.example:5432:app:app:{PASSWORD}\n",
    "root/.aws/credentials": f"[default]\naws_secret_access_key = {AWS}\n",
}
"""What our own rules find, by path."""
RULES = (
    *("docker-login", "docker-login", "docker-token", "npm-credential", "npm-credential", "pip-password"),
    *("settings-password", "netrc-password", "dsn-password", "dsn-password", "settings-password", "settings-password"),
    *("url-password", "pgpass-password", "aws-secret-key"),
)
THEIRS = {
    "app/ci.yml": f"token: {GITHUB}\n",
    "app/bot.js": f'const token = "{SLACK}";\n',
    "app/publish.sh": f"npm config set token {NPM}\n",
    "etc/tls/key.pem": private_pem("p256").decode(),
}
"""What the scanner finds."""


def put(scanner: Scanner, layer: int, path: str, content: str | bytes, *, piece: int = 65_536) -> None:
    """Let a file of a layer go by."""
    data = content if isinstance(content, bytes) else content.encode()
    entry = Entry(path, "file", 0o644, 0, 0, len(data))
    sink = scanner.of_layer(layer)(entry)
    assert sink is not None
    for start in range(0, len(data), piece):
        sink.feed(data[start : start + piece])
    sink.done(entry)


def searched(cache: Path | None, *files: tuple[str, str | bytes], config: bytes | None = None, **bounds) -> SecretScan:
    """What a search of one layer comes to."""
    scanner = Scanner(cache=cache, **bounds)
    try:
        for path, content in files:
            put(scanner, 0, path, content)
        if config is not None:
            scanner.scan_config(config)
        return scanner.findings()
    finally:
        scanner.close()
