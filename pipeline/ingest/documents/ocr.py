"""Text recognition by a command of the user's, one page at a time."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import Unreadable

PAGE = "{page}"
"""What stands for the page's PNG file in the command."""
TIMEOUT_S = 300.0
_MOST_BYTES = 8 << 20


def recognised(picture: bytes, command: Sequence[str], timeout_s: float = TIMEOUT_S) -> str:
    """What the command writes to standard output for the picture of a page.

    Raises Unreadable with the cause ocr_failed: it cannot be started, takes too long, ends with an
    error or writes more than 8 MiB.
    """
    with tempfile.TemporaryDirectory(prefix="taojin-ocr-") as folder:
        page, said = Path(folder) / "page.png", Path(folder) / "text"
        page.write_bytes(picture)
        words = [word.replace(PAGE, str(page)) for word in command]
        with said.open("wb") as output:
            status = _status(words, output.fileno(), timeout_s)
        if status:
            raise Unreadable("ocr_failed", f"the command ended with {status}")
        if said.stat().st_size > _MOST_BYTES:
            raise Unreadable("ocr_failed", f"the command wrote more than {_MOST_BYTES} bytes")
        return (
            charset.clean(charset.decode(said.read_bytes()).text).replace("\f", "\n").strip("\n ")
        )


def _status(words: Sequence[str], output: int, timeout_s: float) -> int:
    """How the command ended; what it has started is ended with it when its time is up."""
    quiet = subprocess.DEVNULL
    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own command, without a shell
            words, stdin=quiet, stdout=output, stderr=quiet, start_new_session=True
        )
    except (OSError, ValueError) as error:
        raise Unreadable("ocr_failed", f"cannot be started: {type(error).__name__}") from error
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        raise Unreadable("ocr_failed", f"took more than {timeout_s:.0f} seconds") from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
