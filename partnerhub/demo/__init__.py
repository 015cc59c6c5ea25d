"""The demo organisation: invented, believable, and the same every time for the same day and seed."""
