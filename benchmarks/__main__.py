"""See the README."""

import sys
from pathlib import Path

from tools.runner import run

sys.exit(run(Path(__file__).resolve().parent, sys.argv[1:]))
