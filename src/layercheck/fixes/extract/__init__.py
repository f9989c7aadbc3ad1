"""Taking a handler apart: what it does becomes a service, a repository and domain exceptions."""
