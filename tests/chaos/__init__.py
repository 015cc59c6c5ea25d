"""The crash test: a site of real processes, people who write through it, and harm done to all of it.

`benchmarks/chaos.py` runs it; docs/crash-test.md says what it showed.
"""
