"""`headwater check`: whether what is deployed would resolve, asked from where the build runs."""
