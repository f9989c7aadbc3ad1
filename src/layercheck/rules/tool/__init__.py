"""Rules about the run itself: files, comments, settings."""
