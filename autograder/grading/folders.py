"""Replaces submissions' folders as a whole, with the permissions that nbgrader gives them."""

import os
import shutil
from contextlib import suppress
from glob import escape
from pathlib import Path


def staging(folder: Path) -> Path:
    """A new empty folder beside `folder`, for
    `replace_folder` to put in its place. nbgrader ignores it.
    """
    new = folder.with_name(f".{folder.name}.new")
    _remove(new)
    new.mkdir(parents=True)
    return new


def replace_folder(new: Path, old: Path, *, groupshared: bool = False, permissions: str | None = None) -> None:
    """Put the finished folder `new` in the place of `old`,
    with nbgrader's permissions: 444, or 664 if groupshared.

    At every moment `old` is the whole old folder or the whole new one, except between two renames,
    when there is neither. If a run is killed just then, `clear_leftovers` puts the old one back.
    `new` must be on the same file system; `staging` is.
    """
    set_permissions(new, groupshared=groupshared, permissions=permissions)
    aside = _aside(old)
    if old.is_symlink() or old.exists():
        _remove(aside)
        old.rename(aside)
    else:
        old.parent.mkdir(parents=True, exist_ok=True)
    try:
        new.rename(old)
    except OSError:
        if aside.exists():
            aside.rename(old)
        raise
    if groupshared:
        _share(old.parent)
        _share(old.parent.parent)
    _remove(aside)


def clear_leftovers(autograded: Path, assignment: str) -> list[Path]:
    """Clean up what killed runs left of an assignment in
    autograded/, and return the folders that were put back.
    """
    put_back = []
    for aside in sorted(autograded.glob(f"*/{escape(_aside(Path(assignment)).name)}")):
        folder = aside.with_name(assignment)
        if folder.exists():
            _remove(aside)
        else:
            aside.rename(folder)
            put_back.append(folder)
    for unfinished in autograded.glob(f"*/{escape(f'.{assignment}.new')}"):
        _remove(unfinished)
    return put_back


def set_permissions(folder: Path, *, groupshared: bool = False, permissions: str | None = None) -> None:
    """Give the files below `folder` nbgrader's permissions.

    Links, and what they lead to, stay as they are.
    """
    mode = int(permissions or ("664" if groupshared else "444"), 8)
    for name, _, files in os.walk(folder):
        for file in files:
            path = Path(name, file)
            if not path.is_symlink():
                path.chmod(mode)
        if groupshared:
            _share(Path(name))


def _share(folder: Path) -> None:
    """Let the group work in a folder, and let what is made in it belong to the group."""
    mode = folder.stat().st_mode
    if mode & 0o2770 != 0o2770:
        with suppress(PermissionError):
            folder.chmod((mode | 0o2770) & 0o2777)


def _aside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.replaced")


def _remove(path: Path) -> None:
    """Remove a folder with all that is in it, or a link to one, if it is there."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        path.chmod(path.stat().st_mode | 0o700)
        for name, folders, files in os.walk(path):
            for entry in [*folders, *(files if os.name == "nt" else ())]:  # Windows keeps a file that may not be written
                inner = Path(name, entry)
                if not inner.is_symlink():
                    inner.chmod(inner.stat().st_mode | 0o700)
        shutil.rmtree(path)
