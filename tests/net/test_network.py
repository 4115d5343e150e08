"""What is said of proxies, read as curl reads it: which, for whom, for whom not."""

import pytest

from verifier.net.address import Reach, parse_web_address
from verifier.net.network import Network, Proxy, parse_no_proxy, parse_proxy

SECRET = "hunter2"


class TestWhichProxy:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("http://proxy.example:3128", "proxy.example:3128"),
            ("http://proxy.example:3128/", "proxy.example:3128"),
            ("HTTP://PROXY.example", "proxy.example:80"),
            ("proxy.example:3128", "proxy.example:3128"),
            ("proxy", "proxy:80"),
            ("http://10.0.0.1:8080", "10.0.0.1:8080"),
            ("http://[::1]:8080", "[::1]:8080"),
        ],
    )
    def test_is_a_host_and_a_port(self, text, shown):
        assert (parse_proxy(text).shown, parse_proxy(text).authorization) == (shown, None)

    @pytest.mark.parametrize(
        ("text", "authorization"),
        [
            ("http://u:p@proxy", "Basic dTpw"),
            ("u:p@proxy:1", "Basic dTpw"),
            ("http://u@proxy", "Basic dTo="),
            ("http://u%40x:p%3A%2F@proxy", "Basic dUB4OnA6Lw=="),
            ("http://u:%C3%BC@proxy", "Basic dTrDvA=="),
        ],
    )
    def test_may_want_a_user_name_and_a_password(self, text, authorization):
        assert parse_proxy(text).authorization == authorization

    @pytest.mark.parametrize(
        "text",
        [
            f"https://u:{SECRET}@proxy:3128",
            f"socks5://u:{SECRET}@proxy:1080",
            f"http://u:{SECRET}@",
            f"http://u:{SECRET}@proxy:0",
            f"http://u:{SECRET}@proxy:65536",
            f"http://u:{SECRET}@proxy:{SECRET}",
            f"http://u:{SECRET}@proxy/{SECRET}",
            f"http://u:{SECRET}@proxy?{SECRET}",
            f"http://u:p#{SECRET}@proxy",
            f"http://u:p/{SECRET}@proxy",
            f"http://u:{SECRET}@pro xy",
            f"http://u:{SECRET}\r\nX: y@proxy",
            f"http://u:{SECRET}@pröxy",
            f"http://u:{SECRET}@[::1",
            f"http://u:{SECRET}@a%0d%0ab",
            f"://{SECRET}",
            "http://",
        ],
    )
    def test_that_cannot_be_read_is_an_error_that_repeats_nothing(self, text):
        with pytest.raises(ValueError, match="expected http://") as caught:
            parse_proxy(text)
        told = caught.value
        assert SECRET not in f"{told}"
        assert told.__suppress_context__ or told.__context__ is None

    def test_its_representation_holds_no_password(self):
        assert SECRET not in repr(Network(https_proxy=parse_proxy(f"http://u:{SECRET}@proxy")))


class TestForWhom:
    PROXIES = Network(https_proxy=Proxy(host="secure"), http_proxy=Proxy(host="plain"))

    @pytest.mark.parametrize(
        ("url", "host"),
        [
            ("https://example.org", "secure"),
            ("http://example.org", "plain"),
            ("https://localhost", None),
            ("https://127.0.0.1", None),
            ("https://127.8.8.8", None),
            ("https://[::1]", None),
            ("https://10.0.0.1", "secure"),
            ("https://localhost.example.org", "secure"),
        ],
    )
    def test_by_scheme_and_never_for_loopback(self, url, host):
        found = self.PROXIES.proxy_for(parse_web_address(url).origin)
        assert (found and found.host) == host

    def test_nobody_without_one(self):
        assert Network().proxy_for(parse_web_address("https://example.org").origin) is None

    @pytest.mark.parametrize(
        ("said", "direct", "proxied"),
        [
            ("*", ["example.org", "10.0.0.1", "[fd00::1]"], []),
            ("a.test,*", ["example.org"], []),
            ("example.org", ["example.org", "a.example.org", "EXAMPLE.org", "example.org."], ["badexample.org", "org"]),
            (".example.org", ["example.org", "a.example.org"], ["badexample.org"]),
            ("*.example.org", ["a.b.example.org", "example.org"], ["badexample.org"]),
            ("EXAMPLE.ORG.", ["example.org"], ["example.com"]),
            ("example.org:8443", ["example.org:8443", "a.example.org:8443"], ["example.org"]),
            ("example.org:443", ["example.org"], ["example.org:8443"]),
            ("a.test, b.test  c.test\t,,d.test", ["a.test", "b.test", "c.test", "d.test"], ["e.test"]),
            ("10.0.0.1", ["10.0.0.1"], ["10.0.0.10", "x.10.0.0.1.test"]),
            ("10.0.0.1:8443", ["10.0.0.1:8443"], ["10.0.0.1"]),
            ("10.0.0.0/8", ["10.255.0.1"], ["11.0.0.1", "10.example.org"]),
            ("10.1.2.3/8", ["10.255.0.1"], ["11.0.0.1"]),
            ("fd00::/8", ["[fd12::1]"], ["[fe80::1]", "10.0.0.1"]),
            ("fd00::1", ["[fd00::1]"], ["[fd00::2]"]),
            ("[fd00::1]", ["[fd00::1]"], ["[fd00::2]"]),
            ("[fd00::1]:8443", ["[fd00::1]:8443"], ["[fd00::1]"]),
            ("10.0.0.0/99,192.168.*,*example.org,.,*:443,[,]:1", [], ["10.0.0.1", "192.168.0.1", "example.org"]),
            ("", [], ["example.org"]),
        ],
    )
    def test_but_for_the_exceptions(self, said, direct, proxied):
        network = Network(https_proxy=Proxy(host="proxy"), direct=parse_no_proxy(said))

        def is_direct(host):
            return network.proxy_for(parse_web_address(f"https://{host}/").origin) is None

        assert {host: is_direct(host) for host in (*direct, *proxied)} == (
            dict.fromkeys(direct, True) | dict.fromkeys(proxied, False)
        )


class TestNamesThatAProxyMayBeAskedFor:
    @pytest.mark.parametrize("host", ["example.org", "a.b.example.org.", "93.184.216.34", "2606:2800:220:1::1"])
    def test_public_ones(self, host):
        assert Reach.PUBLIC.allows_name(host)

    @pytest.mark.parametrize(
        "host",
        [
            *("localhost", "localhost.", "LOCALHOST", "a.localhost", "intranet", "printer.local", "home.arpa"),
            *("metadata.google.internal", "10.0.0.1", "169.254.169.254", "127.0.0.1.", "::1", "::ffff:10.0.0.1"),
            *("2130706433", "127.1", "0x7f.1", "0x7f000001", "a.0x7f000001", "017700000001", "", "."),
        ],
    )
    def test_not_what_is_or_may_be_an_address_or_a_name_of_a_local_network(self, host):
        assert not Reach.PUBLIC.allows_name(host)

    def test_loopback_is_no_proxys(self):
        assert not Reach.LOOPBACK.allows_name("localhost")

    def test_whom_the_operator_has_named_may_be_anybody(self):
        assert Reach.ANYWHERE.allows_name("intranet")
