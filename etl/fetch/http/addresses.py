"""Which IP addresses may be connected to: public ones, and networks that the settings allow.

The check runs when a socket is created, after the host name was resolved. The address that is checked is therefore
the address that is connected to, however it was written and whatever the name resolves to later.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

Network = IPv4Network | IPv6Network
NOT_PUBLIC = "is not a public address"  # part of the error's message, because libraries wrap and join errors

# IPv6 networks that embed an IPv4 address or are obsolete: they may lead to a private address.
_TRANSLATED_NETWORKS = tuple(
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
_ISATAP_PREFIXES = (0x00005EFE, 0x02005EFE)  # upper half of the interface identifier; an IPv4 address follows


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether IANA's registries list an address as global; addresses that embed an IPv4 address do not count."""
    if isinstance(address, IPv6Address):
        prefix = (int(address) >> 32) & 0xFFFFFFFF
        if prefix in _ISATAP_PREFIXES or any(address in network for network in _TRANSLATED_NETWORKS):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def socket_factory(allowed: Sequence[Network]) -> Callable[[Any], socket.socket]:
    """Return a function that creates sockets for public and allowed addresses and raises OSError for others."""

    def create_socket(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, socket_address = info
        address = ip_address(str(socket_address[0]).partition("%")[0])
        if not is_public(address) and not any(address in network for network in allowed):
            raise OSError(f"{address} {NOT_PUBLIC}")
        return socket.socket(family=family, type=kind, proto=protocol)

    return create_socket
