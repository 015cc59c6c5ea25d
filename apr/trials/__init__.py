"""Trials of a nudge: who gets it is drawn, what decides is declared beforehand, and chance is ruled out by
drawing again. The only place of the site that may say "because of"."""
