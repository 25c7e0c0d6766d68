import * as first from "./first.js";
import * as three from "three";
import * as last from "./last.js";

globalThis.app = { first, three, last };
