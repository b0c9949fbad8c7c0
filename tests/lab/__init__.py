"""A telephone laboratory: a real Asterisk, real SIP calls, an ear at the manager interface."""
