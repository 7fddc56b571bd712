"""What the reports of one batch share: the opened workspace and the Snapshots of all, computed in one pass."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from analytics_core.domain.settings import Settings
from analytics_core.explaining.oddities import Oddities
from analytics_core.snapshot.snapshot import Snapshot
from analytics_core.views.campaign.timeline import InstanceTimes
from analytics_core.workspace import Workspace, open_workspace
from analytics_core.workspace.campaigns.standing import Standing, stand_as_of
from analytics_core.workspace.oddities import find_oddities


@dataclass(frozen=True, slots=True)
class Session:
    """A workspace as seen by one batch, or by one notebook.

    Attributes:
        workspace: opened.
        settings: the rules; null means the workspace's own.
        snapshots: what is computed already, by campaign id.
        instances: the runs of the campaigns in `snapshots`, by campaign id.
        oddities: what the data shows about their numbers, by campaign id.
        standings: where they stand as of their numbers, by campaign id.
        fingerprint: of the workspace's data; empty until something is computed.
    """

    workspace: Workspace
    settings: Settings | None = None
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    instances: Mapping[str, tuple[InstanceTimes, ...]] = field(default_factory=dict)
    oddities: Mapping[str, Oddities] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    fingerprint: str = ""

    def with_campaigns(self, campaign_ids: Sequence[str]) -> "Session":
        """This session, with the numbers of these campaigns computed in one pass if they were not before.

        Raises:
            UnknownNameError: where the workspace has no such campaign.
        """
        if self.snapshots.keys() >= set(campaign_ids):
            return self
        snapshots = self.workspace.snapshots(campaign_ids, self.settings)
        as_of = snapshots[0].as_of if snapshots else None
        instances = self.workspace.runs(campaign_ids, as_of)
        found = find_oddities(self.workspace, snapshots, self.settings)
        by_id = {each.campaign_id: each for each in snapshots}
        standings = stand_as_of(self.workspace, snapshots)
        # Once for all reports: it goes through every definition there is.
        known = replace(self, fingerprint=self.fingerprint or self.workspace.fingerprint)
        return replace(known, snapshots=by_id, instances=instances, oddities=found, standings=standings)

    def share(self, campaign_ids: Iterable[str]) -> "Session":
        """The same session with what these campaigns need, and no more."""
        snapshots = {name: self.snapshots[name] for name in campaign_ids}
        instances = {name: self.instances[name] for name in snapshots if name in self.instances}
        oddities = {name: self.oddities[name] for name in snapshots if name in self.oddities}
        standings = {name: self.standings[name] for name in snapshots if name in self.standings}
        return replace(self, snapshots=snapshots, instances=instances, oddities=oddities, standings=standings)

    def fits(self, directory: Path | None, settings: Settings | None, known_at: datetime | None) -> bool:
        """Whether a notebook asking for this directory, these rules and this state may have this session."""
        here = directory is not None and directory.resolve() == self.workspace.directory
        return here and (settings, known_at) == (self.settings, self.workspace.known_at)


_shared: ContextVar[Session | None] = ContextVar("shared_report_session", default=None)


@contextmanager
def share_session(session: Session) -> Iterator[None]:
    """Within it, notebooks of this process that open the same workspace by the same rules get `session`."""
    token = _shared.set(session)
    try:
        yield
    finally:
        _shared.reset(token)


def open_if_needed(workspace: Path | Workspace) -> Workspace:
    """The workspace in this directory; one that is open already keeps what it has computed."""
    return workspace if isinstance(workspace, Workspace) else open_workspace(workspace)


def session_for(directory: Path | None, settings: Settings | None, known_at: datetime | None = None) -> Session:
    """The shared session where it fits; else the workspace is opened anew, so Lab always sees today's data."""
    ready = _shared.get()
    if ready is not None and ready.fits(directory, settings, known_at):
        return ready
    return Session(open_workspace(directory, known_at=known_at), settings)
