"""The explorer's widgets: state and callbacks only; every number comes from a Snapshot."""

from analytics_core.widgets.explorer import Explorer

__all__ = ["Explorer"]
