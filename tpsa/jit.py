"""Cached numba compilation that notices edits in every source file a package is built from.

numba's own cache looks at the file of the decorated function only, so an edit of a function it calls would go unseen.
Here index and data live in a folder named after a digest of all sources, and numba's setting is touched only while
a function of ours is being decorated: users' own caches stay where they put them.
"""

import hashlib
import os
import platform
import shutil
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
import numpy as np

KEEP_DIGESTS = 8
KEEP_SECONDS = 24 * 3600.0
DEFAULTS = {"error_model": "numpy", "fastmath": {"contract", "nsz"}}

_decorating = threading.Lock()


def source_digest(roots: Iterable[Path]) -> str:
    """Digest of all Python sources below `roots`, the versions of numba and numpy, and the processor."""
    digest = hashlib.sha256()
    for word in (numba.__version__, np.__version__, platform.python_version(), llvm.get_host_cpu_name()):
        digest.update(f"{word};".encode())
    for root in roots:
        for path in sorted(Path(root).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:24]


def cache_base() -> Path:
    """NUMBA_CACHE_DIR where it is set, else the user's cache folder, with `taylorbeam` below it."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named) / "taylorbeam"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "taylorbeam"


def prune(base: Path, keep: int = KEEP_DIGESTS, seconds: float = KEEP_SECONDS) -> None:
    """Remove digest folders that are neither among the `keep` latest used nor used within `seconds`."""
    folders = sorted((p for p in base.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    oldest = time.time() - seconds
    for folder in folders[keep:]:
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


@cache
def cache_folder(roots: tuple[Path, ...]) -> str | None:
    """Folder for the compiled code of `roots`, made if needed; None, with one warning, where none is writable."""
    try:
        base = cache_base()
        folder = base / source_digest(roots)
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        os.utime(folder)
        prune(base)
    except (OSError, RuntimeError) as error:
        warnings.warn(
            f"no writable cache folder for compiled code ({error}); functions are compiled anew in every process. "
            "Set NUMBA_CACHE_DIR to a writable folder.",
            stacklevel=3,
        )
        return None
    return str(folder)


@contextmanager
def _caching_in(folder: str | None) -> Iterator[None]:
    """While this lasts, functions decorated with `cache=True` keep their compiled code in `folder`."""
    with _decorating:
        users = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = folder or users
        try:
            yield
        finally:
            numba.config.CACHE_DIR = users


def package_njit(roots: Iterable[str | Path]) -> Callable[..., Any]:
    """Decorator like `numba.njit` whose cache is keyed on all sources below `roots`.

    Parameters
    ----------
    roots : iterable of paths
        Folders of all packages whose functions the decorated functions call.

    Returns
    -------
    callable
        Use as `@njit` or `@njit(option=...)`. Defaults: `cache=True`, `error_model="numpy"`, `nogil=True` and
        the floating point flags `contract` and `nsz`, which keep results equal from run to run.
    """
    key = tuple(Path(root).resolve() for root in roots)

    def njit(function: Callable | None = None, **options: Any) -> Any:
        if function is None:
            return lambda f: njit(f, **options)
        folder = cache_folder(key)
        with _caching_in(folder):
            return numba.njit(**(DEFAULTS | {"cache": folder is not None, "nogil": True} | options))(function)

    return njit


def package_callback(roots: Iterable[str | Path]) -> Callable[[Callable, Any], Any]:
    """Compiler of functions to C callbacks, `compile(function, signature)`, cached as `package_njit` does."""
    key = tuple(Path(root).resolve() for root in roots)

    def compile_callback(function: Callable, signature: Any) -> Any:
        folder = cache_folder(key)
        with _caching_in(folder):
            return numba.cfunc(signature, cache=folder is not None, **DEFAULTS)(function)

    return compile_callback


ROOTS = (Path(__file__).parent.resolve(),)
njit = package_njit(ROOTS)
compile_callback = package_callback(ROOTS)
