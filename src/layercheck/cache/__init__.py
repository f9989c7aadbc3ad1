"""What one run keeps for the next: facts by the content of their file, outcomes by all they depend on.

Nothing stored is trusted further than its key: keys are digests of contents, never times or absolute
paths, so a cache may be copied to another machine and another directory and is still warm. What is
damaged or of another version is as good as absent.
"""
