"""What a report says besides the numbers and the definition of its campaign."""

from dataclasses import dataclass
from datetime import datetime

from analytics_core.campaigns.status import CurrentStatus
from analytics_core.explaining.oddities import Oddities
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.views.forms.pieces import Fact, Note


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What a report says besides the Snapshot and the campaign.

    Attributes:
        app_name: whose campaigns these are.
        pins: names of the pinned metrics; without any, the pin switch is left out.
        instances: the campaign's runs, for period and timeline.
        fingerprint: of the data the numbers were computed from.
        version: of this package.
        known_at: the instant by which the counted rows had been imported; None where all are counted.
        workspace_notes: what is to be said of the workspace's rows.
        oddities: what the data shows about the campaign's numbers; None where nobody looked.
        current: the campaign's status as of the numbers; None where nobody looked.
        entry: number and hash of the campaign's last entry in the campaign book; None where it keeps no history.
        charts: whether to draw them, which needs the report or notebook extra.
    """

    app_name: str = ""
    pins: tuple[str, ...] = ()
    instances: tuple[InstanceTimes, ...] = ()
    fingerprint: str = ""
    version: str = ""
    known_at: datetime | None = None
    workspace_notes: tuple[Note, ...] = ()
    oddities: Oddities | None = None
    current: CurrentStatus | None = None
    entry: tuple[int, str] | None = None
    charts: bool = True


NO_CONTEXT = ReportContext()


@dataclass(frozen=True, slots=True)
class Head:
    """What stands at the top of a report."""

    app_name: str
    name: str
    campaign_id: str
    delivery_type: str
    status: str
    status_icon: str
    status_word: str
    older: bool
    facts: tuple[Fact, ...]
