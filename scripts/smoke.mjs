#!/usr/bin/env node
// Asks a deployed installation whether it works: `node scripts/smoke.mjs https://opssight.example.com --environment production`.
// Ends with 0 when three rounds in a row were good, else with 1 and what was wrong last. Options: --tries 20, --pause 3 (seconds).
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** A version takes a moment to be everywhere, and one good answer may still be the old version's. */
const GOOD_IN_A_ROW = 3;
const PATIENCE_MS = 10_000;

async function ask(base, path, init = {}) {
	const answer = await fetch(new URL(path, base), { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS), ...init });
	return { status: answer.status, text: await answer.text() };
}

function asJson(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

/** One round of questions. @returns what is wrong, in words; an empty list when nothing is */
async function findFaults(base, { environment, version }) {
	const faults = [];
	const health = await ask(base, "/health");
	const checks = asJson(health.text)?.checks ?? {};
	const failing = Object.entries(checks).filter(([, state]) => state !== "ok");
	if (health.status !== 200 || failing.length > 0) {
		faults.push(`/health answered ${health.status}${failing.map(([name, state]) => `, ${name}: ${state}`).join("")}`);
	}
	const config = asJson((await ask(base, "/api/config")).text);
	if (environment && config?.environment !== environment) faults.push(`/api/config says environment ${config?.environment}`);
	if (version && config?.version !== version) faults.push(`/api/config says version ${config?.version}, not ${version}`);
	const login = await ask(base, "/login");
	if (login.status !== 200) faults.push(`/login answered ${login.status}`);
	if (environment !== "development") {
		const dev = await ask(base, "/dev/faults", { method: "POST", body: '{"d1":"ok"}', headers: { "content-type": "application/json" } });
		if (dev.status !== 404) faults.push(`/dev/faults answered ${dev.status}: a development door is open`);
		const script = /\/assets\/[\w.-]+\.js/.exec(login.text)?.[0];
		if (!script) faults.push("/login names no script");
		else if ((await ask(base, `${script}.map`)).status !== 404) faults.push(`${script}.map exists: source maps are public`);
	}
	return faults;
}

/** Ask until three rounds in a row were good. @returns what was wrong last; an empty list when it works */
export async function smoke(base, { environment, version, tries = 20, pauseMs = 3000 } = {}) {
	let faults = ["nothing was asked"];
	for (let n = 0, good = 0; n < tries; n++) {
		if (n > 0) await new Promise((done) => setTimeout(done, pauseMs));
		faults = await findFaults(base, { environment, version }).catch((error) => [
			`${base} does not answer: ${error.cause?.message ?? error.message}`,
		]);
		good = faults.length === 0 ? good + 1 : 0;
		if (good === GOOD_IN_A_ROW) return [];
		if (faults.length > 0) console.error(`smoke: ${faults.join("; ")}`);
	}
	return faults.length > 0 ? faults : ["it worked, but not three times in a row"];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
	const { values, positionals } = parseArgs({
		allowPositionals: true,
		options: {
			environment: { type: "string", default: "production" },
			version: { type: "string" },
			tries: { type: "string", default: "20" },
			pause: { type: "string", default: "3" },
		},
	});
	if (!positionals[0]) {
		console.error("usage: node scripts/smoke.mjs URL [--environment production] [--version 1.2.3]");
		process.exit(2);
	}
	const { environment, version } = values;
	const faults = await smoke(positionals[0], { environment, version, tries: Number(values.tries), pauseMs: Number(values.pause) * 1000 });
	console.log(faults.length === 0 ? `smoke: ${positionals[0]} works` : `smoke: ${positionals[0]} does not work: ${faults.join("; ")}`);
	process.exitCode = faults.length === 0 ? 0 : 1;
}
