"""The settings: what they may be, where they are read, how they become one frozen value."""
