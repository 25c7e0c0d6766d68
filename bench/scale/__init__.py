"""What a day of many more events would need: a simulation that starts from measured costs."""
