"""Rules for repositories."""
