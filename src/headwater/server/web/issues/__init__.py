"""The list of issues, and what people do about them."""
