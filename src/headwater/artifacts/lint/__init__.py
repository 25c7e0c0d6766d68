"""What is wrong with an uploaded bundle, and what to change in the build."""
