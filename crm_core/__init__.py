"""Contacts, incidents and call history. Knows no telephony and no web."""
