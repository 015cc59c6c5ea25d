"""Do our actions precede our results? The statistics, without Django, and what feeds and keeps them.

`distributions`, `logit`, `panel`, `study`, `proportions` and `survival` know numbers only. `loading` reads
the database into them, `recording` keeps what came out.
"""
