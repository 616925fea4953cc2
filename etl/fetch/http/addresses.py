"""Which IP addresses may be connected to: public ones, and networks that the settings allow.

The check sits in the making of each socket, after names are resolved: whatever a name resolves to the next time, and
however an address is written, what is connected to is what was judged.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
REFUSED = "is not a public address"  # in the error's words, as libraries wrap and join errors

# They carry an IPv4 address inside, or are relics: what they reach is not what they seem.
_TRANSLATED = tuple(
    ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",  # NAT64
        "64:ff9b:1::/48",  # NAT64, local use
        "100::/64",  # discard only
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "fec0::/10",  # site-local
    )
)
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address lies on the open internet, by IANA's registries; translated ones do not."""
    if isinstance(address, IPv6Address):
        interface = (int(address) >> 32) & 0xFFFFFFFF
        if interface in _ISATAP or any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def socket_factory(allowed: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Makes sockets for public and allowed addresses; raises OSError for others."""

    def make(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, where = info
        address = ip_address(str(where[0]).partition("%")[0])
        if not is_public(address) and not any(address in network for network in allowed):
            raise OSError(f"{address} {REFUSED}")
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
