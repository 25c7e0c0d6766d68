import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { order } from "./order.mjs";

const { entry, js, options } = order();
// The native compiler of the package for this platform; on others the Java one of the main package.
const compiler = createRequire(import.meta.url).resolve("google-closure-compiler-linux/compiler");
execFileSync(compiler, [
  `--compilation_level=${options.level}`,
  "--warning_level=QUIET",
  "--language_in=ECMASCRIPT_NEXT",
  "--env=BROWSER",
  "--source_map_include_content=true",
  "--source_map_format=V3",
  `--source_map_location_mapping=${dirname(entry)}/|`,
  `--js=${entry}`,
  `--js_output_file=${js}`,
  `--create_source_map=${js}.map`,
]);
