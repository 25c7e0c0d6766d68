"""What is told of, to whom, and what came of each message."""
