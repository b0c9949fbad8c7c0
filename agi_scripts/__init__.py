"""FastAGI server, IVR flows and stand-alone AGI scripts."""
