// The pages as the Worker serves them, made of their sources instead of a build: what they load and do is real, what they draw is not.
import type { ServerBuild } from "@remix-run/cloudflare";
import routeConfig from "../../app/routes.ts";

type Module = ServerBuild["routes"][string] extends infer R ? (R extends { module: infer M } ? M : never) : never;
type Listed = { id?: string; path?: string; index?: boolean; file: string; children?: Listed[] };
/** A page of the site map: the modules from the outermost frame to the page itself. */
export type PageRoute = { id: string; path: string; modules: Module[] };

const modules = import.meta.glob("../../app/routes/**/*.{ts,tsx}", { eager: true }) as Record<string, Module>;
const moduleOf = (file: string) => modules[`../../app/${file}`] as Module;

const routes: ServerBuild["routes"] = {};
const pages: PageRoute[] = [];
const rootModule = { default: () => null } as unknown as Module;
routes.root = { id: "root", path: "", module: rootModule };

function add(listed: readonly Listed[], parentId: string, parentPath: string, frames: Module[]): void {
	for (const { path, index, file, children } of listed) {
		const id = file.replace(/\.tsx?$/, "");
		const module = moduleOf(file);
		const full = path === undefined ? parentPath : `${parentPath}/${path}`;
		routes[id] = { id, parentId, module, ...(path !== undefined && { path }), ...(index && { index }) };
		if (children) add(children, id, full, [...frames, module]);
		else pages.push({ id, path: full || "/", modules: [...frames, module] });
	}
}
add((await routeConfig) as Listed[], "root", "", []);

/** Every page of the site map. */
export const pageRoutes: readonly PageRoute[] = pages;

/** The build's parts, for `vi.mock("#remix-build")`. */
export const pagesBuild = {
	entry: { module: { default: (_request: Request, status: number, headers: Headers) => new Response("page", { status, headers }) } },
	routes,
	assets: { routes: {}, entry: { imports: [], module: "" }, url: "", version: "" },
	...{ publicPath: "/", assetsBuildDirectory: "", isSpaMode: false, mode: "production", basename: "/" },
	future: { v3_fetcherPersist: true, v3_relativeSplatPath: true, v3_throwAbortReason: true, v3_singleFetch: false },
} as unknown as ServerBuild;
