"""Use cases: plain functions over a unit of work, one transaction each."""
