"""Pure: AMI events in, call events out."""
