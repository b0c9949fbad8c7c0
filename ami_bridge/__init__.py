"""Live calls, queues and agents of Asterisk."""
