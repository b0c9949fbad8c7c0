"""A call's record as it is kept: its JSON, deflated with what all records have in common.

Deflated so, two thousand bytes become some three hundred, and twenty calls fit where two did. The first byte
says how it is kept; a record that begins with a brace is plain JSON, as it was before.
Source: RFC 1951; https://docs.python.org/3/library/zlib.html#zlib.compressobj (*zdict*)
"""

from __future__ import annotations

import zlib

from crm_core.domain.calls import Call, call_from_json, call_to_json

_DEFLATED, _PLAIN = b"\x01", b"{"
_LEVEL, _WINDOW_BITS, _MEMORY = 6, -13, 6  # a raw stream in a window of 8 kB: quick to begin
# Never to be changed: records are read with it. What is most frequent stands at the end.
_COMMON = (
    b'"joined":[{"call":"01"origin":{"kind":"click","ref":"callback""campaign""api""outbound""internal""adopted"'
    b'"backfill""merged_ids":["abandoned""timeout""refused""voicemail""self_service""busy""no_answer""failed"'
    b'"machine""nuisance""cut""exit_key""redirected""left_empty""withdrawn""rejected""cancelled""unreachable"'
    b'"forwarded""setup""park""conference""consult""wrap_up""spy""tel:+34"system""agent""national""range""ivr_id"'
    b'"chosen""equated","recordings":[{"id":"","at":"2026-","until":null,"party":null,"path":""}],"anomalies":'
    b'[{"at":"2026-","kind":"clock","detail":""}]}"transfers":[{"kind":"blind","by":"PJSIP/","agent":null,"to":'
    b'null,"answered_by":null,"started_at":"2026-","completed_at":null,"result":"completed"}],"kind":"attended"'
    b'{"kind":"hold","party":"customer","agent":"","with":[],"queue":null,"room":null,"at":"2026-"'
    b'{"id":"01","pbx":"main","linkedid":"17","merged_ids":[],"version":9,"source":"live","precision_s":0.0,'
    b'"direction":"inbound","origin":{"kind":"unknown","ref":null},"ani":"+34","ani_raw":"6","ani_name":null,'
    b'"did":"9","customer":"+34","contact_id":"01","match":{"kind":"none","candidates":[],"relabelled_at":null},'
    b'"contact_id":null,"match":{"kind":"exact","candidates":[{"contact_id":"01","account_id":null,"kind":"exact",'
    b'"why":"exact"}],"relabelled_at":null},"started_at":"2026-01-01T10:00:00.","answered_at":null,"ended_at":"2026-'
    b'","outcome":"answered","hung_up_by":"customer","hangup_cause":16,"wait_s":null,"ring_s":0.0,"talk_s":0.0,'
    b'"hold_s":0.0,"park_s":0.0,"ivr_s":0.0,"visits":[{"queue":"","entered_at":"2026-","left_at":"2026-","wait_s":'
    b'0.0,"agent":null,"interface":null,"outcome":"abandoned","attempts":[]}],"visits":[],"attempts":[{"interface":'
    b'"PJSIP/","agent":"1","started_at":"2026-","ring_s":5.0,"pop_at":"2026-","result":"answered","to":null,'
    b'"forwarded_to":null}]}],"attempts":[],"transfers":[],"segments":[{"kind":"ivr","party":"customer","agent":null,'
    b'"with":[],"queue":null,"room":null,"at":"2026-","until":"2026-"},{"kind":"wait","party":"customer","agent":null,'
    b'"with":[],"queue":"","room":null,"at":"2026-","until":"2026-"},{"kind":"ring","party":"customer","agent":null,'
    b'"with":[],"queue":"","room":null,"at":"2026-","until":"2026-"},{"kind":"talk","party":"customer","agent":"1",'
    b'"with":["PJSIP/"],"queue":null,"room":null,"at":"2026-","until":"2026-"},{"kind":"talk","party":"PJSIP/",'
    b'"agent":"1","with":["customer"],"queue":"","room":null,"at":"2026-","until":"2026-"}],"joined":[],"work":[],'
    b'"incident_ids":[],"campaign_id":null,"lead_id":null,"attempt_id":null,"recordings":[],"anomalies":[]}'
)


def packed(call: Call) -> bytes:
    """Return *call* as it is kept."""
    return deflated(call_to_json(call))


def deflated(text: bytes) -> bytes:
    """Return the JSON of a call as it is kept."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY, zlib.Z_DEFAULT_STRATEGY, _COMMON)
    return _DEFLATED + deflate.compress(text) + deflate.flush()


def unpacked(record: bytes) -> Call:
    """Return the call that is kept as *record*.

    Raises:
        ValueError: it is none, or was kept by a newer version.
    """
    how = record[:1]
    if how == _PLAIN:
        return call_from_json(record)
    if how != _DEFLATED:
        raise ValueError(f"a record that begins with {how!r}")
    try:
        return call_from_json(zlib.decompressobj(_WINDOW_BITS, _COMMON).decompress(record[1:]))
    except zlib.error as error:
        raise ValueError(str(error)) from error
