"""The scenario matrix: calls of every kind, all at once on one Asterisk, and what the ledger must say of them.

A *scene* (``scene.py``) plays one call by SIPp and returns what must stand in the ledger, computed from SIPp's
log alone. Each scene has an office of its own (``office.py``): four phones, a number, a queue, a line out.
"""
