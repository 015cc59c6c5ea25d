"""The involvement map: a deal's way from its opening to the ink, and who was there.

`load` reads a deal, `story` says what happened in it, `scale`, `wide`, `tall` and `mini` lay it out as plain
shapes (`sheet`), and `words` says in a sentence what each mark is. Only `load` knows the database.
"""
