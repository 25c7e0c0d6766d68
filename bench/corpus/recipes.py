"""What the corpus is made of: each map, who makes it, and from what."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Recipe:
    """One call of a producer's script; `entry` is below `apps/`, or in a package (`npm:three/…`)."""

    id: str
    producer: str
    script: str
    entry: str
    options: Mapping[str, object] = field(default_factory=dict)
    next_releases: bool = False
    """Also build the app with one function changed: its first module's, and its last one's."""


@dataclass(frozen=True, slots=True)
class Shipped:
    """A minified file that an npm package carries with its map, and who made the map."""

    id: str
    producer: str
    path: str


@dataclass(frozen=True, slots=True)
class Constructed:
    """An index map made from maps of the corpus, laid at line or column offsets, or nested."""

    id: str
    parts: tuple[str, ...]
    how: str


ESBUILD = "esbuild"
VITE = "vite (rolldown, oxc)"
WEBPACK = "webpack + terser"
RSPACK = "rspack (swc)"
ROLLUP = "rollup + terser"
UGLIFY = "uglify-js"

SHIPPED = (
    Shipped(
        "emotion",
        ROLLUP,
        "@emotion/react/_isolated-hnrs/dist/emotion-react-_isolated-hnrs.umd.min.js",
    ),
    Shipped("stackblur", ROLLUP, "stackblur-canvas/dist/stackblur.min.js"),
    Shipped("dompurify", ROLLUP, "dompurify/dist/purify.min.js"),
    Shipped("popper", ROLLUP, "@popperjs/core/dist/umd/popper.min.js"),
    Shipped("preact-umd", "microbundle", "preact/dist/preact.min.umd.js"),
    Shipped("moment", UGLIFY, "moment/min/moment.min.js"),
    Shipped("moment-locales", UGLIFY, "moment/min/moment-with-locales.min.js"),
    Shipped("bootstrap", ROLLUP, "bootstrap/dist/js/bootstrap.bundle.min.js"),
    Shipped("rxjs-umd", UGLIFY, "rxjs/dist/bundles/rxjs.umd.min.js"),
    Shipped("axios", "rollup + babel + terser", "axios/dist/axios.min.js"),
    Shipped("protobuf", "browserify + uglify-js", "protobufjs/dist/protobuf.min.js"),
    Shipped("chart", "rollup + swc", "chart.js/dist/chart.umd.min.js"),
    Shipped("tf-webgl", ROLLUP, "@tensorflow/tfjs-backend-webgl/dist/tf-backend-webgl.min.js"),
    Shipped("antd-shipped", WEBPACK, "antd/dist/antd.min.js"),
    Shipped("babel-standalone", "rollup + babel + terser", "@babel/standalone/babel.min.js"),
    Shipped("mermaid-shipped", ESBUILD, "mermaid/dist/mermaid.min.js"),
    Shipped("tf-shipped", ROLLUP, "@tensorflow/tfjs/dist/tf.min.js"),
)

THREE = "npm:three/build/three.core.js"
TYPESCRIPT = "npm:typescript/lib/typescript.js"
PLOTLY = "npm:plotly.js-dist/plotly.js"
REACT_DOM = "npm:react-dom/cjs/react-dom-client.development.js"
NO_CONTENT = {"sourcesContent": False}

BUILT = (
    # Those the other benches want are first: small, 8, 24 and 105 MB.
    Recipe("preact-esbuild", ESBUILD, "esbuild", "preact.js", next_releases=True),
    Recipe("react-esbuild", ESBUILD, "esbuild", "react.js", next_releases=True),
    Recipe("antd-esbuild", ESBUILD, "esbuild", "antd.js", next_releases=True),
    Recipe("office-esbuild", ESBUILD, "esbuild", "office.js", next_releases=True),
    Recipe("everything-esbuild", ESBUILD, "esbuild", "everything.js", next_releases=True),
    Recipe("antd-webpack", WEBPACK, "webpack", "antd.js", next_releases=True),
    Recipe("antd-vite", VITE, "vite", "antd.js", next_releases=True),
    Recipe("antd-rspack", RSPACK, "webpack", "antd.js", {"rspack": True}, next_releases=True),
    Recipe("astral-esbuild", ESBUILD, "esbuild", "astral.ts", {"charset": "utf8"}),
    Recipe("typescript-esbuild", ESBUILD, "esbuild", TYPESCRIPT, {"bundle": False}),
    Recipe("plotly-esbuild", ESBUILD, "esbuild", PLOTLY, {"bundle": False}),
    Recipe("babylon-esbuild", ESBUILD, "esbuild", "babylon.js"),
    Recipe("typescript-bare", ESBUILD, "esbuild", TYPESCRIPT, {"bundle": False, **NO_CONTENT}),
    Recipe("office-bare", ESBUILD, "esbuild", "office.js", NO_CONTENT),
    Recipe("everything-bare", ESBUILD, "esbuild", "everything.js", NO_CONTENT),
    Recipe("preact-rollup", ROLLUP, "rollup", "preact.js"),
    Recipe("sentry-rollup", ROLLUP, "rollup", "sentry.js"),
    Recipe(
        "vue-terser",
        "terser",
        "terser",
        "npm:vue/dist/vue.global.js",
        {"mangle": {"properties": {"regex": "^_"}}},
    ),
    Recipe("plotly-terser", "terser", "terser", PLOTLY),
    Recipe("three-uglify", UGLIFY, "uglify", THREE),
    Recipe("lodash-uglify", UGLIFY, "uglify", "npm:lodash/lodash.js"),
    Recipe("three-swc", "swc", "swc", THREE),
    Recipe("scopes-swc", "swc", "swc", REACT_DOM, {"scopes": True}),
    Recipe("react-vite", VITE, "vite", "react.js"),
    Recipe("sentry-vite", VITE, "vite", "sentry.js"),
    Recipe("three-vite", VITE, "vite", "three.js"),
    Recipe("workload-vite", VITE, "vite", "workload.js", {"ssr": True}),
    Recipe("sentry-webpack", WEBPACK, "webpack", "sentry.js"),
    Recipe("workload-webpack", WEBPACK, "webpack", "workload.js", {"target": "node"}),
    Recipe("react-rspack", RSPACK, "webpack", "react.js", {"rspack": True}),
    Recipe("workload-rspack", RSPACK, "webpack", "workload.js", {"rspack": True, "target": "node"}),
    Recipe("next", "Turbopack (Next)", "turbopack", "next", {"each": 3}),
    Recipe("react-closure", "closure compiler", "closure", REACT_DOM, {"level": "SIMPLE"}),
    Recipe(
        "moment-closure", "closure compiler", "closure", "npm:moment/moment.js", {"level": "SIMPLE"}
    ),
    Recipe("native-metro", "Metro", "metro", "native.js"),
    Recipe("native-hermes", "Metro + Hermes", "metro", "native.js", {"hermes": True}),
    Recipe("astral-tsc", "tsc + terser", "tsc", "astral.ts", {"target": "ES2018"}),
    Recipe("rxjs-tsc", "tsc + terser", "tsc", "npm:rxjs/src/index.ts", {"target": "ES5"}),
)

CONSTRUCTED = (
    Constructed("index-columns", ("react-esbuild", "preact-esbuild", "astral-esbuild"), "columns"),
    Constructed("index-lines", ("moment", "antd-esbuild", "react-esbuild", "astral-tsc"), "lines"),
    Constructed("index-nested", ("axios", "dompurify", "three-swc", "protobuf"), "nested"),
    Constructed("index-large", ("plotly-esbuild", "antd-webpack", "react-esbuild"), "lines"),
)
