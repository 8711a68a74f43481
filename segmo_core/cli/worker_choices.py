"""Who does the work of commands with many items: the same options for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from segmo_core.cli.motions.option_group import with_options
from segmo_core.errors import InvalidRequestError, shown

if TYPE_CHECKING:
    from segmo_core.workers.places import Workers

_PANEL = "Who does the work (the results are the same, bit for bit)"


@dataclass(frozen=True)
class WorkerChoices:
    """What was given on the command line."""

    workers: Annotated[
        int, typer.Option(help="How many at a time, each with the model in memory.", rich_help_panel=_PANEL)
    ] = 1
    threads: Annotated[
        int | None,
        typer.Option(help="Threads of each; the cores shared out if left out.", rich_help_panel=_PANEL),
    ] = None
    cluster: Annotated[
        str,
        typer.Option(
            metavar="processes|dask|ADDRESS|slurm|local-jobs",
            help="processes of this machine; dask, or the address of its scheduler; jobs of Slurm, or as here.",
            rich_help_panel=_PANEL,
        ),
    ] = "processes"
    job_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Of the jobs, as submitit names it, such as slurm_partition=cpu. Repeat it.",
            rich_help_panel=_PANEL,
        ),
    ] = None

    def chosen(self) -> Workers:
        """The Workers meant. Raises InvalidRequestError."""
        from segmo_core.workers.places import Workers

        options = {}
        for given in self.job_option or ():
            name, equals, value = given.partition("=")
            if not (name.isidentifier() and equals):
                raise InvalidRequestError(f"job option: {shown(given)}, expected NAME=VALUE")
            options[name] = value
        return Workers(self.workers, self.threads, self.cluster, options)


with_worker_choices = with_options("crew", WorkerChoices)
