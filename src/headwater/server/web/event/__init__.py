"""An event as its page shows it: facts between storage and template, made without a request."""
