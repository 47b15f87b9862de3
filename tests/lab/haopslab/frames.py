# SPDX-License-Identifier: GPL-2.0-or-later
"""Ethernet frames of ARP and IPv6 neighbour discovery: built and read. Pure."""
from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

ETH_ARP, ETH_IPV6 = 0x0806, 0x86dd
NS, NA = 135, 136
BROADCAST = b"\xff" * 6
_ALL_NODES_PREFIX = b"\xff\x02" + b"\0" * 9 + b"\x01\xff"


@dataclass(frozen=True)
class Claim:
    """A frame in which a machine says "this address is mine". `cookie` is the address that the
    answer goes to (ARP: target MAC; NA: destination), None for an announcement to all."""
    address: str
    mac: str
    cookie: bytes | None


def arp_request(source_mac: bytes, sender_mac: bytes, sender_ip: str, target_ip: str) -> bytes:
    """Broadcast question; `sender_mac` inside may differ from the frame's source."""
    return (BROADCAST + source_mac + struct.pack("!HHHBBH", ETH_ARP, 1, 0x0800, 6, 4, 1)
            + sender_mac + ipaddress.IPv4Address(sender_ip).packed
            + b"\0" * 6 + ipaddress.IPv4Address(target_ip).packed)


def solicitation(source_mac: bytes, source_ip: str, target_ip: str) -> bytes:
    """Neighbour solicitation to the solicited-node group of the target."""
    target = ipaddress.IPv6Address(target_ip).packed
    source = ipaddress.IPv6Address(source_ip).packed
    group = _ALL_NODES_PREFIX + target[13:]
    body = struct.pack("!BBHI", NS, 0, 0, 0) + target + b"\x01\x01" + source_mac
    pseudo = source + group + struct.pack("!II", len(body), 58)
    body = body[:2] + struct.pack("!H", internet_checksum(pseudo + body)) + body[4:]
    head = struct.pack("!IHBB", 6 << 28, len(body), 58, 255) + source + group
    return b"\x33\x33" + group[12:] + source_mac + struct.pack("!H", ETH_IPV6) + head + body


def internet_checksum(data: bytes) -> int:
    """Ones' complement sum of 16-bit words, inverted."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def read_claim(frame: bytes) -> Claim | None:
    """The claim that a frame makes, or None if it makes none or is malformed."""
    if len(frame) < 42:
        return None
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == ETH_ARP:
        return _read_arp(frame)
    return _read_na(frame) if kind == ETH_IPV6 else None


def _read_arp(frame: bytes) -> Claim | None:
    """A reply, or a request of which sender and target are the same (gratuitous)."""
    hardware, protocol, hlen, plen, operation = struct.unpack_from("!HHBBH", frame, 14)
    if (hardware, protocol, hlen, plen) != (1, 0x0800, 6, 4):
        return None
    sender_mac, sender, target_mac, target = (frame[22:28], frame[28:32], frame[32:38],
                                              frame[38:42])
    address = str(ipaddress.IPv4Address(sender))
    if sender == target:
        return Claim(address, sender_mac.hex(":"), None)
    return Claim(address, sender_mac.hex(":"), target_mac) if operation == 2 else None


def _read_na(frame: bytes) -> Claim | None:
    if len(frame) < 78 or frame[20] != 58 or frame[54] != NA:
        return None
    destination, flags, target = frame[38:54], frame[58], frame[62:78]
    is_solicited = bool(flags & 0x40)
    mac = frame[80:86] if len(frame) >= 86 and frame[78] == 2 else frame[6:12]
    return Claim(str(ipaddress.IPv6Address(target)), mac.hex(":"),
                 destination if is_solicited else None)
