"""`headwater doctor`: what a server is asked from outside, and what is looked at beside it."""
