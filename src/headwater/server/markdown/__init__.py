"""An event as Markdown, for an issue of another tracker or for a coding agent."""
