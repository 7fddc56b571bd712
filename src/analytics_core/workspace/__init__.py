"""The composition root: opens a workspace, takes exports in, hands out Snapshots."""

from analytics_core.workspace.opening import (
    create_workspace,
    default_directory,
    find_own_workspace,
    make_demo,
    open_own_workspace,
    open_workspace,
)
from analytics_core.workspace.summaries import ImportSummary, PastImport, TableCounts
from analytics_core.workspace.workspace import Workspace

__all__ = [
    "ImportSummary",
    "PastImport",
    "TableCounts",
    "Workspace",
    "create_workspace",
    "default_directory",
    "find_own_workspace",
    "make_demo",
    "open_own_workspace",
    "open_workspace",
]
