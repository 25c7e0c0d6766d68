"""From what is to be told to a message that somebody has."""
