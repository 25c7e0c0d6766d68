import * as first from "./first.js";
import * as React from "react";
import { createRoot } from "react-dom/client";
import * as antd from "antd";
import * as antdIcons from "@ant-design/icons";
import * as mui from "@mui/material";
import * as muiIcons from "@mui/icons-material";
import lodash from "lodash";
import * as echarts from "echarts";
import * as d3 from "d3";
import * as dates from "date-fns";
import * as rxjs from "rxjs";
import * as three from "three";
import * as tf from "@tensorflow/tfjs";
import * as babylon from "@babylonjs/core";
import * as monaco from "monaco-editor";
import * as ts from "typescript";
import * as last from "./last.js";

globalThis.app = {
  first, React, createRoot, antd, antdIcons, mui, muiIcons, lodash, echarts, d3, dates, rxjs,
  three, tf, babylon, monaco, ts, last,
};
