"""Bringing in files from other systems: read, check everything, then apply in batches."""
