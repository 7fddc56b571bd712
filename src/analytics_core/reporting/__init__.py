"""One self-contained HTML file per campaign, batches of them, and their index.

`write_reports` plans a batch and computes its numbers in one pass; papermill runs `campaign_report.ipynb` for each
campaign (`execution`, `in_process_shell`), nbconvert prints it through a template of ours (`exporter`), and a finished
page replaces an older one whole. Importing this package imports none of them.
"""

from analytics_core.reporting.batch import write_reports
from analytics_core.reporting.index import write_index
from analytics_core.reporting.plan import ReportResult, report_file_name
from analytics_core.reporting.report import Report, open_report
from analytics_core.views.campaign.cards import DEFAULT_PINS

__all__ = ["DEFAULT_PINS", "Report", "ReportResult", "open_report", "report_file_name", "write_index", "write_reports"]
