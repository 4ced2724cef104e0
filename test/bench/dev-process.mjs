import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { ROOT } from "./miniflare.mjs";

/** The development server as a process group of its own, as the acceptance checks start it. */

const READY_MS = 180_000; // a first start builds the pages

/** Wait until `holds` is true. @throws after `ms`, saying what was waited for */
export async function until(holds, ms, what) {
	const end = performance.now() + ms;
	while (performance.now() < end) {
		if (await Promise.resolve(holds()).catch(() => false)) return;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
	throw new Error(`waited ${ms / 1000} s for ${what}`);
}

/** Start `npm run dev` without the demo and wait for its principals file. `kill` ends the whole group with SIGKILL. */
export async function startDev({ port, state, principals }) {
	// A file of the last start would be taken for this one's.
	rmSync(principals, { force: true });
	const args = ["run", "dev", "--", "--port", String(port), "--state", state, "--principals", principals, "--demo", "off"];
	const child = spawn("npm", args, { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe"] });
	let output = "";
	const keep = (chunk) => {
		output = (output + chunk).slice(-4000);
	};
	child.stdout.on("data", keep);
	child.stderr.on("data", keep);
	const gone = new Promise((resolve) => child.once("exit", resolve));
	const kill = async () => {
		try {
			process.kill(-child.pid, "SIGKILL");
		} catch {
			// The group has ended already.
		}
		await gone;
	};
	const exit = () => {
		throw new Error(`npm run dev ended by itself: ${output}`);
	};
	try {
		await Promise.race([until(() => existsSync(principals), READY_MS, "the principals file"), gone.then(exit)]);
	} catch (error) {
		await kill();
		throw new Error(`${error.message}\n${output}`);
	}
	const content = JSON.parse(readFileSync(principals, "utf8"));
	return { url: content.baseUrl, principals: content, kill };
}

/** GET JSON. @throws when the answer is not 200 */
export async function readJson(url, headers) {
	const response = await fetch(url, { headers });
	if (response.status !== 200) throw new Error(`GET ${url} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
	return await response.json();
}

/** The ids of all runs, page by page. */
export async function listRunIds(url, headers) {
	const ids = [];
	for (let cursor = ""; cursor !== null; ) {
		const page = await readJson(`${url}/api/runs?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, headers);
		ids.push(...page.runs.map((run) => run.id));
		cursor = page.next_cursor;
	}
	return ids;
}
