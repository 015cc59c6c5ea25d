"""The pages of accounts: profile, invitation, and the settings for people, teams and the organisation."""
