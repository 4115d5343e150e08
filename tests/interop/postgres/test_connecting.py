"""How a PostgreSQL ledger is reached: passwords from where libpq finds them and never shown, TLS as the URL demands."""

import contextlib
import datetime
import ipaddress
import shutil
import socket
from dataclasses import dataclass, replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.ledgers.samples import COUNTING, SCOPE, at, counted
from tests.support.peers.postgres_server import PostgresServer, ledger_database, postgres_server
from verifier.core.errors import Refused
from verifier.ledger.advance import record
from verifier.ledger.open import open_ledger_url
from verifier.ledger.postgres.connection import Connections, Waits, read_url

pytestmark = pytest.mark.interop
PASSWORD = "correct-horse"


@dataclass(frozen=True)
class Secured:
    """A server that answers on loopback, with TLS and a password."""

    server: PostgresServer
    port: int
    database: str

    def url(self, password="", **parameters):
        found = "".join(f"&{name}={value}" for name, value in parameters.items())
        user = f"authz_loader:{password}" if password else "authz_loader"
        return f"postgresql://{user}@127.0.0.1:{self.port}/{self.database}?connect_timeout=5{found}"


@pytest.fixture(scope="module")
def secured():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with postgres_server() as server:
        certificate(server.folder / "server", server.user)
        certificate(server.folder / "stranger", server.user)
        server.stop("fast")
        server.allow("hostssl all all 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 reject")
        tls = f"-c ssl=on -c ssl_cert_file={server.folder}/server.pem -c ssl_key_file={server.folder}/server.key"
        running = replace(server, settings=f"{tls} -c listen_addresses=127.0.0.1", port=port)
        running.start()
        running.sql("postgres", f"ALTER ROLE authz_loader PASSWORD '{PASSWORD}'")
        yield Secured(running, port, ledger_database(running))


@contextlib.contextmanager
def connected(place):
    """One connection, as a ledger has it."""
    connections = Connections(place, Waits(), size=1, read_only=False)
    with contextlib.closing(connections), connections.borrowed() as connection:
        yield connection


def certificate(place, user):
    """A key and a certificate for 127.0.0.1 that vouches for itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, place.name)])
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    place.with_suffix(".pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = place.with_suffix(".key")
    secret.touch(mode=0o600)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*form))
    if user is not None:
        shutil.chown(secret, user)


class TestPasswords:
    @pytest.fixture(params=["in the URL", "PGPASSWORD", "PGPASSFILE", "passfile="])
    def given(self, request, monkeypatch, tmp_path):
        """Gives a password in one of libpq's ways; the URL."""

        def given(secured, password):
            file = tmp_path / "passwords"
            file.write_text(f"127.0.0.1:{secured.port}:*:authz_loader:{password}\n")
            file.chmod(0o600)
            if request.param == "in the URL":
                return secured.url(password)
            if request.param == "passfile=":
                return secured.url(passfile=file)
            monkeypatch.setenv(request.param, {"PGPASSWORD": password, "PGPASSFILE": str(file)}[request.param])
            return secured.url()

        return given

    def test_the_right_one_is_taken_and_not_shown(self, secured, given):
        with open_ledger_url(given(secured, PASSWORD)) as ledger:
            assert ledger.url == f"postgresql://authz_loader@127.0.0.1:{secured.port}/{secured.database}"
            record(ledger, SCOPE, counted(1), COUNTING, at())

    def test_a_wrong_one_is_unavailable_and_not_shown(self, secured, given):
        with pytest.raises(Refused) as caught:
            open_ledger_url(given(secured, "hunter2"))
        assert [reason.code for reason in caught.value.reasons] == ["ledger.unavailable"]
        assert "hunter2" not in repr(caught.value.reasons) + str(caught.value)

    def test_a_missing_one_is_unavailable(self, secured):
        with pytest.raises(Refused, match=r"ledger\.unavailable"):
            open_ledger_url(secured.url())


class TestTransport:
    def test_a_server_that_the_root_vouches_for_is_believed(self, secured):
        root = secured.server.folder / "server.pem"
        place = read_url(secured.url(PASSWORD, sslmode="verify-full", sslrootcert=root))
        with connected(place) as connection:
            query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            assert connection.execute(query).fetchone() == (True,)

    def test_a_server_that_another_root_vouches_for_is_unavailable(self, secured):
        root = secured.server.folder / "stranger.pem"
        with pytest.raises(Refused, match=r"ledger\.unavailable"):
            open_ledger_url(secured.url(PASSWORD, sslmode="verify-full", sslrootcert=root))

    def test_a_server_that_demands_tls_is_not_reached_without(self, secured):
        with pytest.raises(Refused, match=r"ledger\.unavailable"):
            open_ledger_url(secured.url(PASSWORD, sslmode="disable"))


class TestSettings:
    @pytest.mark.parametrize(
        ("options", "setting", "value"),
        [
            ("-c synchronous_commit=off", "synchronous_commit", "on"),
            ("-c default_transaction_isolation=serializable", "default_transaction_isolation", "read committed"),
            ("-c lock_timeout=123", "lock_timeout", "123ms"),
            ("-c statement_timeout=456", "statement_timeout", "456ms"),
            ("", "lock_timeout", "10s"),
            ("", "statement_timeout", "15s"),
        ],
    )
    def test_a_url_chooses_waits_and_weakens_nothing(self, postgres, database, options, setting, value):
        place = read_url(postgres.url("authz_loader", database, options=options))
        with connected(place) as connection:
            assert connection.execute(f"SHOW {setting}").fetchone() == (value,)
