"""Many items: in this process, in several, on a dask cluster or as jobs of Slurm; the results are the same."""
