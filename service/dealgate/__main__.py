"""`python -m dealgate`."""

from dealgate.cli import main

main()
