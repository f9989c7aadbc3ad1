"""Graphs as pictures: a drawing, made smaller until it can be read, in the language of what draws it."""
