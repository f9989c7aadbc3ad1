"""What one file says, nothing resolved: the only package that touches ``ast`` and ``tokenize``."""
