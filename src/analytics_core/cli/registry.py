"""All commands: they register themselves where they are loaded, and here all of them are."""

from analytics_core.cli import care, commands, explaining, importing, imports, tables

MODULES = (commands, importing, tables, explaining, imports, care)
"""In the order in which the help lists what they register."""
