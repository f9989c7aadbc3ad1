"""What several rules measure: thinness of handlers, uses of the database, words for messages."""
