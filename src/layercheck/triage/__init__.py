"""What becomes of a finding: silenced by a comment, left out for its file, known, or new."""
