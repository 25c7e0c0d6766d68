"""What a map itself says of functions: `scopes` and `x_facebook_sources`."""
