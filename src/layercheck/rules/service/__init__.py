"""Rules for services."""
