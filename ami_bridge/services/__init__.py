"""Coroutines: commands out, history in."""
