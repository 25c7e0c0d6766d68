// What build.py asks of a producer: an entry, the file to write (its map beside it, + ".map"), options.
export const order = () => JSON.parse(process.argv[2]);
