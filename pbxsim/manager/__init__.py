"""The manager interface: what it is asked, what it answers, who may ask. Pure."""
