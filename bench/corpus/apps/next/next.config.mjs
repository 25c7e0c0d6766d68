import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const packages = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export default {
  productionBrowserSourceMaps: true,
  experimental: { serverSourceMaps: true },
  turbopack: { root: packages },
};
