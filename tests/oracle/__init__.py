"""Every figure once more, in plain Python, from dumped rows and the rules of scoring alone."""
