// Rebuilds the pages when app/ changes, and starts the Worker anew when either of them did.
import { existsSync, readdirSync, statSync, watch } from "node:fs";

const BUILT = "build/server/index.js";

const newest = (folder) =>
	readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile())
		.reduce((latest, entry) => Math.max(latest, statSync(`${entry.parentPath ?? entry.path}/${entry.name}`).mtimeMs), 0);

/** Whether the pages were never built, or something that they are made of is newer than their build. */
export function arePagesStale() {
	if (!existsSync(BUILT)) return true;
	const built = statSync(BUILT).mtimeMs;
	return (
		["app", "worker/domains", "worker/wire"].some((folder) => newest(folder) > built) ||
		["vite.config.ts", "package-lock.json"].some((file) => statSync(file).mtimeMs > built)
	);
}

/** Call `pages` and `worker` a moment after the last change of their sources, one after the other. */
export function watchSources({ pages, worker }) {
	let timer = null;
	let isBusy = false;
	const changed = { pages: false, worker: false };

	const rebuild = async () => {
		if (isBusy) return;
		isBusy = true;
		const began = Date.now();
		const withPages = changed.pages;
		Object.assign(changed, { pages: false, worker: false });
		try {
			if (withPages) await pages();
			await worker();
			console.log(`opssight: rebuilt in ${((Date.now() - began) / 1000).toFixed(1)} s`);
		} catch (error) {
			console.error(`opssight: ${error.message}`);
		}
		isBusy = false;
		if (changed.pages || changed.worker) await rebuild();
	};
	const note = (kinds) => {
		for (const kind of kinds) changed[kind] = true;
		clearTimeout(timer);
		timer = setTimeout(rebuild, 200);
	};
	watch("app", { recursive: true }, () => note(["pages"]));
	// The pages are made of the domains' models and the wire's types too.
	watch("worker", { recursive: true }, (_, file) => note(/^(domains|wire)/.test(file ?? "") ? ["pages", "worker"] : ["worker"]));
}
