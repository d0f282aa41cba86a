"""Learns actions from few labelled clips, on a pushed motion model.

`learn` makes an `ActionRecognizer`; `search` finds the nearest motions.
"""
