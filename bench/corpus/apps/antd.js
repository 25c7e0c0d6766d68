import * as first from "./first.js";
import * as React from "react";
import { createRoot } from "react-dom/client";
import * as antd from "antd";
import lodash from "lodash";
import axios from "axios";
import * as last from "./last.js";

globalThis.app = { first, React, createRoot, antd, lodash, axios, last };
