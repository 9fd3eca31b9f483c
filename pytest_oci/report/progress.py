"""A line that says how far long reading has come, on a terminal only, gone when it ends."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_SECONDS = 1.0
"""So long nothing is shown."""
EVERY_SECONDS = 0.2
MIB = 1024 * 1024


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give what is to be called with the bytes read and the bytes in all; None where nobody would see the line."""
    stream = sys.stderr
    if not stream.isatty():
        yield None
        return
    began = shown = time.monotonic()

    def show(done: int, whole: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began > PATIENCE_SECONDS and now - shown > EVERY_SECONDS:
            shown = now
            stream.write(f"\r{what}: {done // MIB} of {whole // MIB} MiB \x1b[K")
            stream.flush()

    try:
        yield show
    finally:
        if shown > began:
            stream.write("\r\x1b[K")
            stream.flush()
