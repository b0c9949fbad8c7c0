"""Pure: data in, data out."""
