// Lets node run the program as it was written, one file at a time, each where a bundler finds it.
import { register } from 'node:module';

register('./as-written.mjs', import.meta.url);
