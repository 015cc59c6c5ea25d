"""The settings for action types, what they are worth, and targets."""
