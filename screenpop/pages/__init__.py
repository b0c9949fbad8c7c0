"""Handlers of the web pages."""
