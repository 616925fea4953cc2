"""Private networks cannot be reached, however an address is written and whatever a name resolves to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from etl.fetch.http.addresses import is_public
from etl.fetch.http.client import ClientSettings, Politeness, connect, user_agent
from etl.fetch.http.crawler import Answer, Crawler, FetchOptions
from etl.fetch.http.hosts import Hosts
from evaluation.loopback import Request, reply, serving

PUBLIC = "127.0.0.2"  # stands for the open internet: the only address that is allowed


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    """0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.1 192.168.1.1 198.18.0.1 203.0.113.9
    224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 fc00::1 fe80::1 fec0::1 ff02::1 ff0e::1 100::1
    2001:db8::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::8.8.8.8 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 2002:7f00:1::
    2002:808:808:: 2001:0:1::1 2a00:1450:4001::5efe:7f00:1""".split(),
)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


class Canary:
    """A site on the address that stands for the open internet; it counts requests to any other address."""

    def __init__(self) -> None:
        self.target = ""
        self.hits = 0

    def __call__(self, request: Request) -> bytes:
        if request.path == "/robots.txt":
            return reply(404)
        if request.host == PUBLIC and request.path == "/go":
            return reply(302, Location=self.target)
        if request.host == PUBLIC or request.host == "paper.example":
            return reply(body=b"fine")
        self.hits += 1
        return reply(body=b"secret")


@pytest.fixture
def canary() -> Iterator[tuple[Canary, int]]:
    canary = Canary()
    with serving(canary) as port:
        yield canary, port


def get(*urls: str) -> list[Answer]:
    politeness = Politeness(0.0, 0, 0.0)
    settings = ClientSettings(
        user_agent("desk@paper.example"), lambda: datetime.now(UTC), politeness, allowed=(ip_network(PUBLIC),)
    )

    async def get_all() -> list[Answer]:
        async with connect(settings) as client:
            crawler = Crawler(client, Hosts(None, politeness))
            return [await crawler.get(url, FetchOptions(2**20)) for url in urls]

    return asyncio.run(get_all())


@pytest.mark.parametrize(
    "host",
    """127.0.0.1 localhost 0.0.0.0 2130706433 0x7f000001 0177.0.0.1 127.1 [::1] [::ffff:127.0.0.1] [::ffff:7f00:1]
    [64:ff9b::7f00:1] [2002:7f00:1::] [::127.0.0.1] 169.254.169.254""".split(),
)
def test_private_addresses_are_refused_directly_and_behind_a_redirect(canary: tuple[Canary, int], host: str) -> None:
    site, port = canary
    site.target = f"http://{host}:{port}/"
    (direct,) = get(site.target)
    (redirected,) = get(f"http://{PUBLIC}:{port}/go")
    assert direct.outcome == redirected.outcome
    assert direct.outcome == "address_refused" or "is not a canonical IPv4 address" in (direct.detail or "")
    assert site.hits == 0


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "data:text/html,a", "gopher://127.0.0.1/", "//user:secret@127.0.0.2/", "http://"]
)
def test_redirects_to_something_else_than_a_web_address_are_refused(canary: tuple[Canary, int], target: str) -> None:
    site, port = canary
    site.target = target
    (answer,) = get(f"http://{PUBLIC}:{port}/go")
    assert answer.outcome == "bad_redirect"
    assert site.hits == 0


def test_a_name_that_resolves_to_a_private_address_the_second_time_is_refused(
    canary: tuple[Canary, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the name resolves to a public address the first time and to the loopback interface afterwards."""
    _, port = canary
    resolve, lookups = socket.getaddrinfo, []

    def rebinding(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host != "paper.example":
            return resolve(host, *args, **kwargs)
        lookups.append(host)
        return resolve(PUBLIC if len(lookups) == 1 else "127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    (first,) = get(f"http://paper.example:{port}/")
    (second,) = get(f"http://paper.example:{port}/")
    assert (first.outcome, first.body) == ("ok", b"fine")
    assert second.outcome == "address_refused" and "127.0.0.1 is not a public address" in (second.detail or "")
    assert len(lookups) == 2


def test_a_network_that_the_settings_allow_is_reached(canary: tuple[Canary, int]) -> None:
    _, port = canary
    (answer,) = get(f"http://{PUBLIC}:{port}/")
    assert (answer.outcome, answer.body) == ("ok", b"fine")
