"""Threads that read blobs, and how the bytes of a stream get to them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, Self

from pytest_oci.targets.layout.members import UnseenError, workers

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from types import TracebackType

    from pytest_oci.targets.layout.members import Chunks, Watch

MOST_QUEUED = 16
"""Chunks of one blob that wait for their reader."""
PATIENCE_SECONDS = 0.1
"""So often who waits looks whether there is still anybody to wait for."""


class Crew:
    """As many threads as there are processors. Whoever gives them work waits while much of it is undone."""

    def __init__(self, watch: Watch) -> None:
        count = workers()
        self._watch = watch
        self._pool = ThreadPoolExecutor(count, "pytest-oci-layout")
        self._free = threading.Semaphore(2 * count)
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watch.stopped |= error is not None and not isinstance(error, UnseenError)
        self._pool.shutdown()
        if self._error is not None and (error is None or isinstance(error, UnseenError)):
            raise self._error

    def give(self, work: Callable[[], None]) -> None:
        """Have this done by one of the threads."""
        self._free.acquire()
        self._pool.submit(work).add_done_callback(self._done)

    def _done(self, future: Future[None]) -> None:
        self._error = self._error or future.exception()
        self._free.release()


class Pipe:
    """The bytes of one blob on their way from the thread that unpacks the archive to the one that reads the blob."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._queue: Queue[bytes | UnseenError | None] = Queue(MOST_QUEUED)
        self._unwanted = False

    def fill(self, chunks: Chunks) -> None:
        """Put in all there is; what makes it end early, the reader gets to know as well. Raises UnseenError."""
        try:
            for chunk in chunks:
                self._put(chunk)
            self._put(None)
        except UnseenError as error:
            self._put(error)
            raise

    def chunks(self) -> Chunks:
        """Take out what is put in. Raises UnseenError."""
        while True:
            try:
                item = self._queue.get(timeout=PATIENCE_SECONDS)
            except Empty:
                self._watch.check()
                continue
            if item is None:
                return
            if isinstance(item, UnseenError):
                raise item
            yield item

    def close(self) -> None:
        """Nothing more is taken out: what is still put in is dropped."""
        self._unwanted = True

    def _put(self, item: bytes | UnseenError | None) -> None:
        while not self._unwanted:
            try:
                self._queue.put(item, timeout=PATIENCE_SECONDS)
            except Full:
                continue
            return
