"""The speed goals, measured: `python3 run.py bench` (docs/benchmarks.md tells how each figure is made)."""
