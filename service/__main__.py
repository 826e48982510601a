"""`python -m service`, from a checkout, with nothing installed as a package."""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
runpy.run_module("dealgate", run_name="__main__")
