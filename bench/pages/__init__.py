"""What each page of the web interface costs on a large instance."""
