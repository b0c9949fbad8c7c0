"""What ends a command with exit code 2."""

from __future__ import annotations


class UnusableError(Exception):
    """The input or the settings cannot be used; the text says why, to the person at the keyboard."""
