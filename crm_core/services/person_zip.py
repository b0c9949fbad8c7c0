"""One file for who asks what is kept of him: the whole as JSON, and what address books read (pure)."""

from __future__ import annotations

import zipfile
from io import BytesIO

import msgspec

from crm_core.domain.vcard import vcard
from crm_core.services.handing_out import PersonFile


def person_zip(found: PersonFile) -> bytes:
    """Return *found* in one zip, dated by when it was made; the same gives the same bytes."""
    whole = msgspec.json.format(msgspec.json.encode(found), indent=2)
    parts = {"person.json": whole, "contact.vcf": vcard(found.contact).encode()}
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, date_time=found.made_at.timetuple()[:6])
            info.external_attr = 0o600 << 16
            packed.writestr(info, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
