"""The demo workspaces' canonical input: a synthetic app, and retail campaigns of *The Complete Journey*."""

from analytics_core.demo.datasets import Dataset, write_demo

__all__ = ["Dataset", "write_demo"]
