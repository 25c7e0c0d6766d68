"""ECMA-426: reading source maps; knows nothing of Sentry."""
