"""Several commands of `dealgate` in one process."""

# The arguments of `python -c`: this, and a command each. By itself each would import the same.
RUN = """
import sys
from dealgate.cli import main
failed = []
for command in sys.argv[1:]:
    sys.argv = ["dealgate", *command.split()]
    try:
        main()
    except SystemExit as left:
        failed += [command] if left.code else []
sys.exit(", ".join(failed) or None)
"""
