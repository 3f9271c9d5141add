"""Speed and accuracy beside other codes: ``python -m benchmarks.NAME`` with NAME one of one_turn_map, twiss, accuracy.

Answers are compared before anything is timed. A row is one measured pair; `benchmarks.common`
describes its keys.
"""
