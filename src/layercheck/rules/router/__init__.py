"""Rules for routers."""
