"""E-mail and IP addresses in a window of plain text.

Technical text is full of what looks alike, so an address must be one that somebody could have: a
known top-level domain, no reserved one (RFC 2606), no Git remote, no user of a URL; an IP address
that is public, of one machine, and not a version or section number.
"""

import ipaddress
import re
from collections.abc import Iterator

from kormo_ds.text.pii.domains import TOP_LEVEL
from kormo_ds.text.pii.found import Found

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9_%+\-*/=&!#$^~|])(?<![A-Za-z0-9]\.)"
    r"(?P<local>[A-Za-z0-9](?:[A-Za-z0-9._%+\-]{0,62}[A-Za-z0-9_+\-])?)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24})(?![A-Za-z0-9])"
)
_USER_OF_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s/]*$")
_URL_WITHIN = 64
_RESERVED = re.compile(r"(?:^|\.)example\.(?:com|net|org|edu|co\.kr)$")
_REMOTES = frozenset(("git", "hg", "svn"))

_IPV4 = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9A-Za-z][.\-])"
    r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})"
    r"(?![0-9A-Za-z_])(?!\.[0-9A-Za-z*])(?!-[0-9A-Za-z])(?!/\d)"
)
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z_:.])[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}"
    r"(?![0-9A-Za-z_:])(?!/\d)"
)
_NUMBERED = re.compile(
    r"\b(?:v|ver|release|build|revision|section|sec|chapter|table|figure|rfc|part)\.?[\s:=(]*$"
    r"|§|[=<>~]=|version|\bsz?oid|nuget|(?:버전|버젼|판|절|장|항|릴리스|빌드)[\s:=(]*$",
    re.IGNORECASE,
)
"""Before a number with dots that counts something: a version, a section, an object identifier."""
_SAID_WITHIN = 32


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses of people and organisations."""
    for match in _EMAIL.finditer(text):
        end = match.start("domain") + len(_domain(match["domain"]))
        domain = text[match.start("domain") : end].lower()
        if not domain or _RESERVED.search(domain) or ".." in match["local"]:
            continue
        if match["local"].lower() in _REMOTES or re.match(
            r"\(|:[~/A-Za-z0-9]", text[end : end + 2]
        ):
            continue
        before = text[max(0, match.start() - _URL_WITHIN) : match.start()]
        if not _USER_OF_URL.search(before):
            yield Found(match.start(), end, "EMAIL")


def _domain(domain: str) -> str:
    """`domain` up to its last label that is a top-level domain: a sentence may go on at once."""
    labels = domain.split(".")
    while len(labels) > 1 and labels[-1].lower() not in TOP_LEVEL:
        labels.pop()
    return ".".join(labels) if len(labels) > 1 else ""


def ipv4(text: str) -> Iterator[Found]:
    """Public IPv4 addresses of single machines."""
    for match in _IPV4.finditer(text):
        before = text[max(0, match.start() - _SAID_WITHIN) : match.start()]
        if _is_machine(match[0]) and _is_public(match[0]) and not _NUMBERED.search(before):
            yield Found(match.start(), match.end(), "IP")


def _is_machine(address: str) -> bool:
    """Whether four numbers look like a machine's: no network, and not counted up from small ones.

    Of random addresses 1 in 1,000 has three octets below 10 or all below 32; most versions and
    section numbers do, and so do some well-known resolvers such as 8.8.8.8.
    """
    octets = sorted(int(octet) for octet in address.split("."))
    is_small = octets[2] < 10 or octets[3] < 32
    return not is_small and not address.endswith((".0", ".255"))


def ipv6(text: str) -> Iterator[Found]:
    """Public IPv6 addresses of single machines."""
    for match in _IPV6.finditer(text):
        if not match[0].endswith("::") and _is_public(match[0]):
            yield Found(match.start(), match.end(), "IP")


def _is_public(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast
