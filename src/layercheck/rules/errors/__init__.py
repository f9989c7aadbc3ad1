"""Rules about exceptions and how they become responses."""
