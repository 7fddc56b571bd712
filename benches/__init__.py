"""Benchmarks and example workloads: scripts, run as `python -m benches.NAME`."""
