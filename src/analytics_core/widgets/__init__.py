"""The explorer's widgets: state and callbacks only; every number comes from a Snapshot."""
