"""Scripts that Asterisk runs by itself; each is one file to be copied to the exchange."""
