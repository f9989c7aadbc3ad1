"""Imports, calls and exceptions as graphs; every edge with its kind and its place."""
