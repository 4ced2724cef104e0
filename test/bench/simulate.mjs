import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "vite";
import { ROOT } from "./miniflare.mjs";

/**
 * `npm run simulate [-- --seeds 100000 --from 0 --mutants 4000 --tell 17]`: the rollback's own state machine in so many stories of
 * crashes, pauses, lost messages and deploys landing meanwhile, and what of it must never happen. `--mutants` takes one guard away at
 * a time and searches so many stories for its absence; `--tell` tells one story line by line.
 */
const { values } = parseArgs({
	options: {
		seeds: { type: "string", default: "100000" },
		from: { type: "string", default: "0" },
		mutants: { type: "string" },
		tell: { type: "string" },
	},
});

// In a folder from which what is left outside of the bundle is found, and that is nobody's source.
const cache = join(ROOT, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
const outDir = mkdtempSync(join(cache, "simulate-"));
try {
	await build({
		root: ROOT,
		configFile: false,
		logLevel: "error",
		build: { ssr: "test/sim/index.ts", outDir, rollupOptions: { output: { entryFileNames: "simulator.mjs" } } },
	});
	const simulator = await import(pathToFileURL(join(outDir, "simulator.mjs")));
	process.chdir(ROOT);
	if (values.tell !== undefined) simulator.simulate(simulator.machine, Number(values.tell), { tell: console.log });
	else if (values.mutants !== undefined) await tryMutants(simulator, Number(values.mutants));
	else tryStories(simulator, { seeds: Number(values.seeds), from: Number(values.from) });
} finally {
	rmSync(outDir, { recursive: true, force: true });
}

function tryStories({ simulate, machine }, { seeds, from }) {
	const began = performance.now();
	const total = { commands: 0, applies: 0, takeovers: 0, crashes: 0, events: 0 };
	const ended = {};
	const violations = new Map();
	for (let seed = from; seed < from + seeds; seed++) {
		const outcome = simulate(machine, seed);
		for (const what of Object.keys(total)) total[what] += outcome[what];
		for (const [state, n] of Object.entries(outcome.ended)) ended[state] = (ended[state] ?? 0) + n;
		if (outcome.violation) violations.set(seed, outcome.violation);
	}
	console.log(`seeds ${from}–${from + seeds - 1}: ${seeds} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
	console.log(
		Object.entries({ ...total, ...ended })
			.map(([what, n]) => `${what} ${n.toLocaleString("en")}`)
			.join(", "),
	);
	console.log(`violations: ${violations.size}`);
	for (const [seed, what] of [...violations].slice(0, 20)) console.log(`  seed ${seed}: ${what}`);
	if (violations.size > 0) process.exitCode = 1;
}

async function tryMutants({ MUTANTS, RIGS, machine, machineSource, mutate, firstViolation }, seeds) {
	const source = machineSource();
	let found = 0;
	for (const { guard, rig, near, ...mutant } of [...MUTANTS, ...RIGS]) {
		const without = rig ? machine : await mutate(source, { guard, ...mutant });
		const first = firstViolation(without, { seeds, near, rig });
		if (first) found++;
		console.log(first ? `missed: ${guard} (seed ${first.seed}: ${first.what})` : `NOT MISSED: ${guard}`);
	}
	const all = MUTANTS.length + RIGS.length;
	console.log(`${found} of ${all} guards are missed when they are taken away.`);
	if (found < 0.9 * all) process.exitCode = 1;
}
