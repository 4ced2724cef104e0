/**
 * The code of the team's other pages, fetched once the one that is open has come to rest. Remix leaves the document when it cannot load a
 * page's code, and without a connection there is nothing to come back to.
 */

/** What of Remix's manifest is needed here. */
export type PageManifest = { routes: Record<string, { id: string; parentId?: string; module: string } | undefined> };

/** After the load event, so that it never competes with the page that was asked for. */
const REST_MS = 4000;

let areHere = false;
let coming: Promise<void> | null = null;

/** The modules of every page below a route, at any depth. */
export function modulesBelow(manifest: PageManifest, ancestor: string): string[] {
	const isBelow = (parentId: string | undefined): boolean =>
		parentId !== undefined && (parentId === ancestor || isBelow(manifest.routes[parentId]?.parentId));
	return Object.values(manifest.routes).flatMap((route) => (route && isBelow(route.parentId) ? [route.module] : []));
}

/** Whether every page of the team can be opened without fetching code. */
export function arePagesHere(): boolean {
	return areHere;
}

/** Fetch them. A try that fails is forgotten, so that the next one asks again. */
export function fetchPages(): Promise<void> {
	const { __remixManifest: manifest } = window as unknown as { __remixManifest: PageManifest };
	coming ??= Promise.all(modulesBelow(manifest, "routes/team").map((module) => import(/* @vite-ignore */ module))).then(
		() => {
			areHere = true;
		},
		(error: unknown) => {
			coming = null;
			throw error;
		},
	);
	return coming;
}

/** Call something when the page has come to rest. @returns how to call it off */
export function atRest(call: () => void): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const wait = () => {
		timer = setTimeout(call, REST_MS);
	};
	if (document.readyState === "complete") wait();
	else window.addEventListener("load", wait, { once: true });
	return () => {
		window.removeEventListener("load", wait);
		clearTimeout(timer);
	};
}
