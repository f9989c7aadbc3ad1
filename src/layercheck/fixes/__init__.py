"""From findings to changed sources: what may be mended without asking what the code is meant to do."""
