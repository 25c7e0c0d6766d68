import * as first from "./first.js";
import * as React from "react";
import { createRoot } from "react-dom/client";
import * as last from "./last.js";

globalThis.app = { first, React, createRoot, last };
