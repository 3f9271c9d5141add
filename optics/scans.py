"""Scans: one function of many items, here or on the workers of a Dask cluster, with the same results.

Nothing that a worker returns depends on the worker: tracking is bit-identical however it is split, and random numbers
come from seeds. An item whose worker dies is computed anew elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from optics.errors import ScanError
from tracking.errors import InputError

if TYPE_CHECKING:
    from distributed import Client, Future

Item = TypeVar("Item")
Result = TypeVar("Result")

CONNECT_SECONDS = 10
ANY_PORT = "127.0.0.1:0"


def scan(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    cluster: str | Client | None = None,
    workers: int | None = None,
) -> list[Result]:
    """Results of a function for every item, in the order of the items.

    Parameters
    ----------
    function : callable
        Takes one item. For a cluster it must be picklable, such as a function of a module or a `functools.partial` of
        one with a line; it is sent once per item.
    items : iterable
        Each becomes one task, so it should take a tenth of a second or more on a cluster.
    cluster : str or distributed.Client, optional
        Address of a scheduler (``"tcp://host:8786"``), ``"local"`` for worker processes on this machine that live as
        long as the scan, or a client that is connected already. None computes here, one item after the other.
    workers : int, optional
        Worker processes of ``"local"``; one for every processor core by default.

    Returns
    -------
    list
        The very same results, bit by bit, as without a cluster of like processors.

    Raises
    ------
    ScanError
        If the function raises for an item, which is named, or if the workers of an item die again and again (by
        default of the scheduler, more than three of them). The first error ends the scan.
    InputError
        For a bad `cluster` or `workers`, or a scheduler that does not answer.

    Notes
    -----
    Workers share the on-disk cache of compiled code with this process, if they see the same folder. Local workers are
    fresh processes that import the main script: keep the call below ``if __name__ == "__main__":`` in scripts. Only
    connect to schedulers that you trust: they run any code.
    """
    items = list(items)
    if workers is not None and (cluster != "local" or isinstance(workers, bool) or workers < 1):
        raise InputError(f"scan: workers = {workers!r} with cluster = {cluster!r}; expected at least 1, with 'local'")
    if cluster is None:
        return [_computed(function, index, item) for index, item in enumerate(items)]
    with _client(cluster, workers) as client:
        return _gathered(client, function, items)


def _computed(function: Callable[[Item], Result], index: int, item: Item) -> Result:
    try:
        return function(item)
    except Exception as error:
        raise ScanError(index, item, error) from error


def _gathered(client: Client, function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Results as they come, each taken from its worker at once, so that it outlives it."""
    from distributed import as_completed

    futures: list[Future] = [client.submit(function, item, pure=False) for item in items]
    places = {future.key: index for index, future in enumerate(futures)}
    results: list[Any] = [None] * len(items)
    try:
        for future in as_completed(futures):
            index = places[future.key]
            try:
                results[index] = future.result()
            except Exception as error:
                raise ScanError(index, items[index], error) from error
            future.release()
    finally:
        unfinished = [future for future in futures if not future.done()]
        if unfinished:
            client.cancel(unfinished)
    return results


@contextmanager
def _client(cluster: str | Client, workers: int | None) -> Iterator[Client]:
    from distributed import Client, LocalCluster

    if isinstance(cluster, Client):
        yield cluster
    elif cluster == "local":
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=ANY_PORT) as local,
            Client(local) as client,
        ):
            yield client
    elif isinstance(cluster, str):
        try:
            client = Client(cluster, timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise InputError(
                f"scan: no scheduler answers at cluster = {cluster!r} ({error}); expected the address of a running "
                "one, such as 'tcp://host:8786', or 'local'"
            ) from error
        with client:
            yield client
    else:
        raise InputError(f"scan: cluster = {cluster!r}; expected an address, 'local', a distributed.Client or None")
