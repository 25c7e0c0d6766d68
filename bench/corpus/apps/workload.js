import * as first from "./first.js";
import * as React from "react";
import { renderToString } from "react-dom/server";
import * as antd from "antd";
import * as mui from "@mui/material";
import lodash from "lodash";
import * as d3 from "d3";
import * as dates from "date-fns";
import * as rxjs from "rxjs";
import * as three from "three";
import ts from "typescript";
import * as last from "./last.js";

globalThis.app = {
  first, React, renderToString, antd, mui, lodash, d3, dates, rxjs, three, ts, last,
};
