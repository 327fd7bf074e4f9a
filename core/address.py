"""Which address a request comes from. Logs, limits and sign-in ask here; nobody reads the headers themselves.

A proxy adds what it saw to the right of X-Forwarded-For; everything left of that was written by whoever likes to.
So only the last TRUSTED_PROXY_COUNT entries count, and only when a neighbour (this machine, a private network)
handed the request over: a stranger who reaches the port directly is not a proxy.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

NEIGHBOURS = [
    ipaddress.ip_network(network)
    for network in [
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "::1",
        "fc00::/7",
        "fe80::/10",
    ]
]


def client_address(request: HttpRequest) -> str:
    """The address of the person's machine, as the outermost of our own proxies saw it.

    Without such a proxy, or with a header that cannot be read, the address of whoever is connected to us.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "")
    return _plain(trusted_word(request, "HTTP_X_FORWARDED_FOR")) or peer


def trusted_word(request: HttpRequest, header: str) -> str:
    """The entry of a header (by its name in META) that the outermost of our own proxies wrote; "" for none."""
    count = settings.TRUSTED_PROXY_COUNT
    if count < 1 or not _is_neighbour(str(request.META.get("REMOTE_ADDR") or "")):
        return ""
    words = str(request.META.get(header) or "").split(",")
    return words[-min(count, len(words))].strip()


def _is_neighbour(peer: str) -> bool:
    """Whether the peer is on this machine (a Unix socket has no address) or in a private network."""
    address = _plain(peer)
    return not peer or (bool(address) and any(ipaddress.ip_address(address) in near for near in NEIGHBOURS))


def _plain(word: str) -> str:
    """The address without port, brackets and IPv4-in-IPv6; "" for what is none."""
    host = word[1:].partition("]")[0] if word.startswith("[") else word
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
