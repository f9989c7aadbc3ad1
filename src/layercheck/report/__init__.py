"""An outcome as text, one file per format."""
