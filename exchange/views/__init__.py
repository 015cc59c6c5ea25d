"""The pages of what passes between PartnerHub and other programs."""
