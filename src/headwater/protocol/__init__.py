"""What Sentry clients say, byte for byte."""
