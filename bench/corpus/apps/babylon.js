import * as first from "./first.js";
import * as babylon from "@babylonjs/core";
import * as last from "./last.js";

globalThis.app = { first, babylon, last };
