"""Servers on loopback that answer as a test says, also as no decent server would."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.patience import FOR_EVER_S

Say = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request, and the means to answer it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Scripted

    def do_GET(self):
        self.server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        try:
            self.server.say(self)
        except OSError:
            self.close_connection = True  # the client has had enough

    do_HEAD = do_POST = do_PUT = do_PATCH = do_GET  # noqa: N815  (as `http.server` calls them)

    def sent(self):
        """The body of the request, to its end."""
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status=200, body=b"", **headers):
        """A decent answer."""
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def raw(self, content):
        """These bytes, and the end of the connection."""
        self.wfile.write(content)
        self.close_connection = True

    def over(self):
        """Wait until the test is over."""
        self.close_connection = True
        self.server.over.wait(FOR_EVER_S)

    def log_message(self, *_):
        pass


class Scripted(ThreadingHTTPServer):
    """`seen` are the requests so far: the path, and the fields with their names in lower case."""

    daemon_threads = True

    def __init__(self, say: Say, tls: ssl.SSLContext | None = None):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.say, self.seen, self.over = say, [], threading.Event()
        self.peers = []
        self.tls = tls
        self.port = self.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def finish_request(self, request, client_address):
        if self.tls is None:
            return super().finish_request(request, client_address)
        try:
            with self.tls.wrap_socket(request, server_side=True) as secured:
                self.peers.append(secured.getpeercert())
                super().finish_request(secured, client_address)
        except OSError:
            return None  # a client that does not believe us

    def shutdown_request(self, request):
        try:
            super().shutdown_request(request)
        except OSError:
            request.close()

    def handle_error(self, request, client_address):
        pass


@contextmanager
def server(say: Say, tls: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """A server that answers every request by `say`, until the end of the test."""
    with Scripted(say, tls) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            running.over.set()
            running.shutdown()
            thread.join()


class Authority:
    """A certificate authority of our own, in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self._certificate("authority", self.key, None)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name, *hosts):
        """The files of a certificate for `hosts` and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(name, key, hosts)
        paths = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths

    def server_context(self, *hosts, clients=False):
        """What a server for `hosts` needs; with `clients` it asks for a certificate, and takes none as well."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.issue("server", *hosts))
        if clients:
            context.load_verify_locations(self.file)
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def _certificate(self, name, key, hosts):
        now = datetime.datetime.now(datetime.UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        issuer = subject if hosts is None else self.certificate.subject
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=hosts is None, path_length=None), critical=True)
        )
        if hosts:
            names = x509.SubjectAlternativeName([_name(host) for host in hosts])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _name(host):
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
