"""The page about what uses the disk, and what a clean-up would free."""
