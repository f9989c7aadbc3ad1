"""Rules about imports and the shape of the project."""
