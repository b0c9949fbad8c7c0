"""How a spool's file is written: two headers, then numbered records with length and checksum (pure).

A record counts when it is whole and its number is the one that comes next: what a kill cut off, and what is
left of an earlier filling, is seen and left out. Of the headers the younger whole one counts.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple
from uuid import UUID

import msgspec

from crm_core.domain.batches import Batch

MAGIC = b"CNTSPL01"
HEADER_AT, FIRST_RECORD_AT = (0, 2048), 4096  # each header in a sector of its own
_HEADER = struct.Struct("<8s16sQI")
_RECORD = struct.Struct("<IIQ")
HEADER_SIZE, RECORD_HEAD = _HEADER.size, _RECORD.size
_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Batch)
_LARGEST = 64 << 20  # of a batch unpacked


class Header(NamedTuple):
    """Which spool it is, and the number of the first record of this filling."""

    spool: UUID
    first: int


class BrokenBatchError(ValueError):
    """A record's checksum is right, and what it holds is no batch of this version."""


def pack_header(header: Header) -> bytes:
    """Return *header* as it is written."""
    told = MAGIC + header.spool.bytes + header.first.to_bytes(8, "little")
    return told + zlib.crc32(told).to_bytes(4, "little")


def read_header(text: bytes) -> Header | None:
    """Return what *text* begins with; None when that is no whole header."""
    if len(text) < HEADER_SIZE:
        return None
    magic, spool, first, check = _HEADER.unpack_from(text)
    if magic != MAGIC or check != zlib.crc32(text[: HEADER_SIZE - 4]):
        return None
    return Header(UUID(bytes=spool), first)


def pack_record(n: int, batch: Batch) -> bytes:
    """Return *batch* as record *n*."""
    return pack_payload(n, _ENCODER.encode(batch))


def pack_payload(n: int, told: bytes) -> bytes:
    """Return *told* as record *n*."""
    payload = zlib.compress(told, 1)
    return _RECORD.pack(len(payload), _check(n, payload), n) + payload


def record_size(head: bytes, *, n: int, room: int) -> int | None:
    """Return how long the record is that *head* begins; None when record *n* does not begin there."""
    if len(head) < RECORD_HEAD:
        return None
    length, _, number = _RECORD.unpack_from(head)
    size = RECORD_HEAD + int(length)
    return size if number == n and length > 0 and size <= room else None


def read_record(text: bytes) -> Batch | None:
    """Return the batch of a record; None when it is not whole.

    Raises:
        BrokenBatchError: it is whole, and no batch.
    """
    if len(text) < RECORD_HEAD:
        return None
    length, check, n = _RECORD.unpack_from(text)
    payload = text[RECORD_HEAD : RECORD_HEAD + length]
    if len(payload) < length or check != _check(n, payload):
        return None
    try:
        unpacked = zlib.decompressobj().decompress(payload, _LARGEST)
        return _DECODER.decode(unpacked)
    except (zlib.error, msgspec.DecodeError) as error:
        raise BrokenBatchError(str(error)) from error


def _check(n: int, payload: bytes) -> int:
    return zlib.crc32(payload, zlib.crc32(n.to_bytes(8, "little")))
