"""Events as they came, what was found about each, and how long they stay."""
