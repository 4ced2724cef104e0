// Stands where the pages' build is, when only the API is measured.
export const entry = {};
export const routes = {};
export const assets = { entry: { imports: [], module: "" }, routes: {}, url: "", version: "" };
export const publicPath = "/";
export const assetsBuildDirectory = "build/client";
export const future = {};
export const isSpaMode = false;
export const basename = "/";
