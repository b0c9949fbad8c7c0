"""The front door: command line, settings, clock, composition root, demo."""
