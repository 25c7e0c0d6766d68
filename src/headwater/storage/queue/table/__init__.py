"""The queue of an instance on PostgreSQL: a table, which any number of processes write, and any number claim from."""
