import * as first from "./first.js";
import * as sentry from "@sentry/browser";
import * as axios from "axios";
import * as last from "./last.js";

globalThis.app = { first, sentry, axios, last };
