"""The scenario matrix: calls of every kind, at once on one Asterisk, and what the ledger must say of each.

A *scene* (``scene.py``) plays one call by SIPp and returns what must stand in the ledger, computed from what
SIPp wrote down. Each has an office of its own (``office.py``): four phones, numbers, a queue, a line out.
"""
