"""All commands: they register themselves where they are loaded, and here all of them are."""

from analytics_core.cli import care, commands, explaining, importing, imports, tables
from analytics_core.cli.campaign import commands as campaign_commands
from analytics_core.cli.campaign import editing as campaign_editing
from analytics_core.cli.shares import commands as shares

MODULES = (commands, importing, tables, explaining, shares, campaign_commands, campaign_editing, imports, care)
"""In the order in which the help lists what they register."""
