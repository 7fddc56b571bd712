"""Work beside the page: it stays usable while something is computed, and only the latest wish is shown."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from analytics_core.domain.errors import AnalyticsError


class Background:
    """Does one thing after the other in a thread; without a running loop, as outside of a notebook, at once."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="explorer")
        self._latest = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Callable[[], None], done: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Do `work`, then call `done` in the notebook's own thread; neither is called once something newer is asked.

        Args:
            work: computes; draws nothing.
            done: draws.
            failed: hears the sentence of what could not be.
        """
        self._latest += 1
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            _finish(work, done, failed)
            return
        task = loop.create_task(self._run(self._latest, work, done, failed))
        # A task that nobody holds may vanish.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(
        self, number: int, work: Callable[[], None], done: Callable[[], None], failed: Callable[[str], None]
    ) -> None:
        error: AnalyticsError | None = None
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except AnalyticsError as refused:
            error = refused
        if number != self._latest:
            return
        if error is not None:
            failed(str(error))
        else:
            done()


def _finish(work: Callable[[], None], done: Callable[[], None], failed: Callable[[str], None]) -> None:
    try:
        work()
    except AnalyticsError as error:
        failed(str(error))
    else:
        done()
