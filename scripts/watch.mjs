// Rebuilds the pages when app/ changes; wrangler itself watches worker/.
import { readdirSync, statSync, watch } from "node:fs";

const newest = (folder) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((latest, entry) => Math.max(latest, statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs), 0);

export const watchApp = {
	/** Whether something that the pages are made of is newer than their build. */
	isStale() {
		const built = statSync("build/server/index.js").mtimeMs;
		return ["app", "worker/domains", "worker/wire"].some((folder) => newest(folder) > built) || statSync("vite.config.ts").mtimeMs > built;
	},

	/** Call `rebuild` a moment after the last change; it answers what went wrong, or null. */
	start(rebuild) {
		let timer = null;
		const changed = () => {
			clearTimeout(timer);
			timer = setTimeout(() => {
				const began = Date.now();
				const complaint = rebuild();
				if (complaint) console.error(`opssight: ${complaint}`);
				else console.log(`opssight: pages rebuilt in ${((Date.now() - began) / 1000).toFixed(1)} s`);
			}, 200);
		};
		watch("app", { recursive: true }, changed);
	},
};
