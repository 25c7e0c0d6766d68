"""What is found in uploaded files for those who judge bundles. Runs in the compiler's process."""
