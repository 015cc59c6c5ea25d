"""Closing a period: its scorecards are stored as known on that day, with the rows that they add up from.

Beside what stands now they tell what was corrected since, row by row. Nothing is kept from being corrected.

Why it is exact: figures and rows are stored from one state of the database and have to add up, or nothing is
stored. Rows are written as what each adds to the figures, so that a difference of figures is the sum of the
differences of rows, whichever door a correction took, and whether or not it left a trace.
"""
