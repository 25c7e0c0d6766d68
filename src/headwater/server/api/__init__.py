"""JSON for scripts and Sentry's command-line tools, with API tokens."""
