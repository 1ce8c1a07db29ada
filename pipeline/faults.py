"""Local paths that are no files to be read: pipes, devices, links that lead nowhere or away."""

import os
import stat
from pathlib import Path


def fault_of(path: Path, folder: str) -> str:
    """Why a local path is not read, "" if it is; `folder`, if any, is what no link may leave."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return "a link to nothing" if path.is_symlink() else "gone"
    except OSError:
        return "a link in a circle, or in a folder that may not be read"
    if not stat.S_ISREG(mode):
        return next((kind for is_kind, kind in _SPECIAL.items() if is_kind(mode)), "no file")
    if not os.access(path, os.R_OK):
        return "a file that may not be read"
    if folder and Path(folder).resolve() not in path.resolve().parents:
        return "a link that leads out of the source's folder; name its target as a path"
    return ""


_SPECIAL = {
    stat.S_ISFIFO: "a named pipe; write what it gives into a file",
    stat.S_ISSOCK: "a socket",
    stat.S_ISCHR: "a device",
    stat.S_ISBLK: "a device",
}
