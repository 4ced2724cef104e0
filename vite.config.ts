import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

// Single fetch and lazy route discovery stay off: the advisories against Remix 2.17 concern exactly those two
// (turbo-stream serialisation and /__manifest). test/web/advisories.test.ts asks the build.
export default defineConfig({
	publicDir: "app/public",
	plugins: [
		tailwindcss(),
		remix({
			future: {
				v3_fetcherPersist: true,
				v3_lazyRouteDiscovery: false,
				v3_relativeSplatPath: true,
				v3_routeConfig: true,
				v3_singleFetch: false,
				v3_throwAbortReason: true,
			},
		}),
	],
	ssr: { resolve: { conditions: ["workerd", "worker", "browser"] }, target: "webworker", noExternal: true },
	resolve: { mainFields: ["browser", "module", "main"] },
	// While a dev server watches, an emptied folder would take its Worker's import away for a second.
	build: { minify: true, sourcemap: false, emptyOutDir: !process.env.DEV_WATCH },
});
