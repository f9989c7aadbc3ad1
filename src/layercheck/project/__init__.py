"""What the program is as a FastAPI project: routes, dependencies, error mappings, receivers and layers."""
