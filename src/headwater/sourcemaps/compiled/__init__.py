"""Source maps compiled into files that answer without being read whole. Does no I/O of its own."""
