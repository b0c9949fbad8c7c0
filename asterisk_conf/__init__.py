"""Settings in, Asterisk configuration files out."""
