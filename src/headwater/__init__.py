"""Headwater: a self-hosted error tracker that never leaves you with a minified stack trace."""

__version__ = "0.1.0"
