"""Settings proposed to a project by what its code does: ``layercheck init``."""
