"""Who may sign in, or call the API, and what each may."""
