"""What becomes a row of `documents`, whoever brings it: its id, its fields, its commit."""
