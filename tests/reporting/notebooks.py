"""Small notebooks to run."""

from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

SECTION = "from analytics_core.reporting.report import Section"
PARAMETERS = 'workspace = ""\ncampaign_id = ""\nsettings = None'
END = f"{SECTION}\nSection('<p>end</p>', ends=campaign_id)"


def write_notebook(path: Path, *cells: str) -> Path:
    """A parameters cell, then `cells` as code; a text beginning with # and a space is Markdown."""
    made = [new_markdown_cell(text) if text.startswith("# ") else new_code_cell(text) for text in cells]
    parameters = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=[parameters, *made], metadata={"kernelspec": kernel}), path)
    return path
