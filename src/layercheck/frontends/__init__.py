"""The ways in: the command line and the plugins of other tools. They only call."""
