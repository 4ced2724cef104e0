import { fileURLToPath } from "node:url";
import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

// Single fetch and lazy route discovery stay off: the advisories against Remix 2.17 concern exactly those two
// (turbo-stream serialisation and /__manifest). test/web/advisories.test.ts asks the build.
const FRAME =
	/\/app\/(live|format)\/|\/app\/preferences|\/app\/ui\/(clock|Status|Card|TimeText|Menu|ProgressLine|Empty|ErrorCard|PanelBoundary|Toast|TipLayer|tips|Button|icons|icon-of|Ticks|Meter)\.tsx?|\/app\/panels\/shell\/|lucide-react\/dist\/esm\/(Icon|createLucideIcon|context|shared)|worker\/(wire|domains\/stats)\/|worker\/domains\/runs\/(tally|overview)\.ts/;
/** The frame's forms, which a browser asks for when one opens. They are named, or the frame, which draws them on the server, would take them along. */
const FORMS = /\/(PanelForms|ZoneForm|NamesForm|RangeForm|RangeFields|zone-choices|range-input)\.tsx?/;
/** Of these folders, what is only asked for by a press or by one page. */
const LATER = /\/(SignInCard|KeySheet|keyboard|shortcuts|rows|forge|chart-time)\.tsx?/;

/** What every page of a team draws comes as one file: in forty of them it is larger, and slower over a phone's line. */
function chunkOf(id: string): string | undefined {
	if (FORMS.test(id)) return "forms";
	return FRAME.test(id) && !LATER.test(id) ? "frame" : undefined;
}

export default defineConfig(({ isSsrBuild }) => ({
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
	resolve: {
		mainFields: ["browser", "module", "main"],
		alias: { "turbo-stream": fileURLToPath(new URL("app/without-turbo-stream.ts", import.meta.url)) },
	},
	// While a dev server watches, an emptied folder would take its Worker's import away for a second.
	build: {
		minify: true,
		sourcemap: false,
		emptyOutDir: !process.env.DEV_WATCH,
		rollupOptions: isSsrBuild ? {} : { output: { manualChunks: chunkOf } },
	},
}));
