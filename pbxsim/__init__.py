"""A simulated Asterisk: AMI and AGI over TCP."""
