import { join } from "node:path";
import { CORPUS_SECRET, githubHeaders } from "../support/sign.mjs";
import { requestBytes } from "./load.mjs";
import { bundle, startWorker } from "./miniflare.mjs";

/** The reference Worker's bundle. */
export function bundleReferences(outdir) {
	return bundle(join(outdir, "references"), { entry: "test/bench/references/worker.ts" });
}

/** Start hello, verify-only and one-insert on a state directory. */
export async function startReferences({ manifest, state }) {
	const started = await startWorker({
		name: "references",
		manifest,
		state: join(state, "references"),
		config: { env: { DB: { type: "d1", id: "references" }, SECRET: { type: "text", value: CORPUS_SECRET } } },
	});
	const db = await started.miniflare.getD1Database("DB");
	await db.exec(
		"CREATE TABLE IF NOT EXISTS deliveries (id TEXT PRIMARY KEY, run_id INTEGER, workflow TEXT, conclusion TEXT, updated_at INTEGER, body TEXT)",
	);
	return started;
}

/** Requests for a reference: a signed webhook with this body for the two that read one. */
export function referenceRequest(url, what, body) {
	if (what === "hello") return requestBytes({ url, path: "/hello" });
	return requestBytes({ method: "POST", url, path: `/${what}`, headers: githubHeaders(body), body });
}
