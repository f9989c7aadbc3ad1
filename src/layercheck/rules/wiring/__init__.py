"""Rules for how the parts of an application find each other."""
