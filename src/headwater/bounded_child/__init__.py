"""A child process that answers one question at a time, within limits of memory and time.

For work on foreign files: a native parser that crashes, a file that takes hours or all memory ends
the child, never its parent. What the child needs to know meanwhile it asks its parent back, so that
it needs no database. What it is at it writes into a small file that both have open, so that it can
be read when the child is gone.
"""
