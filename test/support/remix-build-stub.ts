/** Stands in for the pages' build, so that API tests need none. */
export const entry = { module: { default: () => new Response("page") } };
export const routes = {};
export const assets = { routes: {}, entry: { imports: [], module: "" }, url: "", version: "" };
export const publicPath = "/";
export const assetsBuildDirectory = "";
export const future = {};
export const isSpaMode = false;
