import * as first from "./first.js";
import * as preact from "preact";
import * as hooks from "preact/hooks";
import * as compat from "preact/compat";
import * as last from "./last.js";

globalThis.app = { first, preact, hooks, compat, last };
