"""AMI on the wire: parse, actions (pure), client (panoramisk)."""
