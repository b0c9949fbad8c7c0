"""Flows that a caller meets."""
