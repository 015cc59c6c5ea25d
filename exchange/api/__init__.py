"""The API's doors: tokens, and answers that are given once."""
