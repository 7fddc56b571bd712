"""`python -m analytics_core`, the same as `connector-analytics`."""

from analytics_core.cli import main

main()
