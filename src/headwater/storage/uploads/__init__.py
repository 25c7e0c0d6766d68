"""What was uploaded, for which release, and which releases there are."""
