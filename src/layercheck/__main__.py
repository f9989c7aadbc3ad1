"""``python -m layercheck``."""

from __future__ import annotations

import sys

from layercheck.frontends.cli import main

sys.exit(main())
