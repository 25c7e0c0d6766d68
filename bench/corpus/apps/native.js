import * as first from "./first.js";
import * as React from "react";
import { createStore } from "./store.js";
import * as rxjs from "rxjs";
import lodash from "lodash";
import * as last from "./last.js";

globalThis.app = { first, React, createStore, rxjs, lodash, last };
