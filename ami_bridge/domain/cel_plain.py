"""Rows of CEL that stand for one fact each, whatever was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ami_bridge.domain import ami
from ami_bridge.domain.births import UP
from ami_bridge.domain.cel import CelRow


def plain_facts(row: CelRow) -> Iterator[ami.AmiEvent]:
    """Yield the fact that *row* stands for, when it does."""
    if (fact := PLAIN[row.type](row)) is not None:
        yield fact


def _answer(row: CelRow) -> ami.AmiEvent:
    return ami.Newstate(uniqueid=row.uniqueid, linkedid=row.linkedid, channel=row.channel, state=UP)


def _music_start(row: CelRow) -> ami.AmiEvent | None:
    """Return music on hold; what plays to a leg besides has a file, and no class."""
    is_music = "class" in row.extra
    return ami.MusicOnHoldStart(uniqueid=row.uniqueid, linkedid=row.linkedid) if is_music else None


def _music_stop(row: CelRow) -> ami.AmiEvent:
    return ami.MusicOnHoldStop(uniqueid=row.uniqueid, linkedid=row.linkedid)


def _blind_transfer(row: CelRow) -> ami.AmiEvent:
    return ami.BlindTransfer(
        uniqueid=row.uniqueid,
        linkedid=row.linkedid,
        transferee=row.extra.get("transferee_channel_uniqueid", ""),
        exten=row.extra.get("extension", ""),
    )


def _attended_transfer(row: CelRow) -> ami.AmiEvent:
    return ami.AttendedTransfer(
        uniqueid=row.uniqueid,
        linkedid=row.linkedid,
        second=row.extra.get("channel2_uniqueid", ""),
        transferee=row.extra.get("transferee_channel_uniqueid", ""),
        target=row.extra.get("transfer_target_channel_uniqueid", ""),
    )


PLAIN: dict[str, Callable[[CelRow], ami.AmiEvent | None]] = {
    "ANSWER": _answer,
    "STREAM_BEGIN": _music_start,
    "STREAM_END": _music_stop,
    "BLINDTRANSFER": _blind_transfer,
    "ATTENDEDTRANSFER": _attended_transfer,
}
