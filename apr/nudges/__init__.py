"""Nudges: finding what needs a person, telling the people it concerns, and mailing it."""
