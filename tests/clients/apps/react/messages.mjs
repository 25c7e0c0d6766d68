// Writes the messages of React's error codes, as the package `react-error-decoder` collects them
// from React's own table: node messages.mjs ../../../../src/headwater/symbolicate/react_messages.json
import { readFileSync, writeFileSync } from "node:fs";
import { decode } from "react-error-decoder";

// Of react-dom 19.3.1, whose development build has the text; the package is older.
const newer = {
  612:
    "Cannot transport a detached buffer. This usually happens when trying to transport multiple " +
    "buffer-spanning views on the same underyling buffer. Either reuse the exact same view by " +
    "identity or copy the underlying buffer manually via `view.slice()`.",
};

const packed = new URL("node_modules/react-error-decoder/package.json", import.meta.url);
const { name, version } = JSON.parse(readFileSync(packed, "utf8"));
const made = { from: `${name} ${version}`, messages: { ...decode.collection, ...newer } };
writeFileSync(process.argv[2], `${JSON.stringify(made, null, 1)}\n`);
