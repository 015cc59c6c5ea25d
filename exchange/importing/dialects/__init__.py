"""Files as other systems write them: read by their content, matched by name, brought in row by row."""
