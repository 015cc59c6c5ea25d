"""The pages of actions and scores."""
