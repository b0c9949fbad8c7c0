"""Where history waits on the disk while the database is away."""
