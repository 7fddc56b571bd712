"""What the measurements were made on, without anything that names the machine."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("polars", "duckdb", "pandas", "pyarrow")


def described() -> str:
    """One sentence: processor, cores, memory, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()};"
        f" Python {platform.python_version()}, {packages}."
    )


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.exists() else []
    models = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())
