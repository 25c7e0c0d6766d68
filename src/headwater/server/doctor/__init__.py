"""What the doctor looks at from inside of a server, and how he says what he found."""
