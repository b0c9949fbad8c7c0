"""Places in a list: where it goes on."""

from __future__ import annotations

from datetime import datetime

Place = tuple[datetime, str]
"""The last item's instant and id."""

LeadPlace = tuple[datetime, int]
"""When a lead is due, and its place in the list."""
