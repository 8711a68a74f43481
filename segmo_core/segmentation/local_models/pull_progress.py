"""How far the getting of a model is, from what Ollama's server tells of each of its files."""

from __future__ import annotations

from segmo_core.progress import Progress

_MB, _GB = 1_000_000, 1_000_000_000
_LAST = 0.99  # what is got is checked and named at the end


class PullProgress:
    """Turns the server's lines, one file of the model after the other, into one share of the whole."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._totals: dict[str, int] = {}
        self._completed: dict[str, int] = {}
        self.is_done = False

    def note(self, status: str, digest: str, total: int, completed: int) -> None:
        """One line: ``total`` and ``completed`` are bytes of the file ``digest``; "success" is the last status."""
        self.is_done = status == "success"
        if digest and total > 0:
            self._totals[digest] = total
            self._completed[digest] = min(max(completed, 0), total)
        whole, done = sum(self._totals.values()), sum(self._completed.values())
        if not whole:
            self._progress.report(0.0, "")
        elif done < whole:
            unit, name = (_GB, "GB") if whole >= _GB else (_MB, "MB")
            amount = f"{done / unit:.1f} of {whole / unit:.1f} {name}"
            self._progress.report(_LAST * done / whole, amount)
        else:
            self._progress.report(_LAST, "checking it")
