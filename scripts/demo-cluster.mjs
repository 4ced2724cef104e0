// The cluster of the demo: a double of the Kubernetes API with what the demo's components run, and the agent's own program beside it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { build, stop as stopBuilder } from "esbuild";
import { bundleAgent, NODE_FLAGS } from "./build-agent.mjs";
import { fillCluster, forgetEvents, readDeclared, troubleImage, workloadOf } from "./demo-workloads.mjs";
import { ROOT } from "./local.mjs";

const KUBE_TOKEN = "demo-service-account";
const NODES = ["pool-a-1", "pool-a-2", "pool-b-1"];
const TICK_MS = 1000;
/** After a change of a workload its controllers have something to do for so long at most: longer than its rollout's own deadline. */
const BUSY_MS = 120_000;
const AGENT_WAIT = { firstMs: 1000, mostMs: 30_000 };
const STOP_MS = 4000;
/** The agent needs Node 22; `npm run` starts this with it already. */
const NODE = Number(process.versions.node.split(".")[0]) >= 22 ? process.execPath : `${ROOT}node_modules/.bin/node`;

function writeWhole(file, content) {
	writeFileSync(`${file}.tmp`, content, { mode: 0o600 });
	renameSync(`${file}.tmp`, file);
}

async function loadDouble(folder) {
	const outfile = `${folder}/kube-double.mjs`;
	await build({
		entryPoints: [`${ROOT}test/support/kube-double/index.ts`],
		...{ outfile, bundle: true, platform: "node", format: "esm", target: "node20", logLevel: "warning" },
	});
	return await import(pathToFileURL(outfile).href);
}

/** The double as it was left, or as the demo begins. */
async function openDouble({ KubeDouble, agentUser }, { file, clusterId, ask }) {
	const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
	const isKept = kept?.clusterId === clusterId;
	const declared = isKept ? [] : await readDeclared(ask);
	const startAt = Math.min(Date.now(), ...declared.flatMap(({ versions }) => versions.map(({ at }) => at))) - 60_000;
	// Its clock is the machine's, and is moved from here.
	const double = new KubeDouble({ everyMs: 0, stepMs: 0, nodes: 0, startAt });
	double.addToken(KUBE_TOKEN, agentUser(["production", "staging"]));
	if (isKept) {
		double.restore(kept.dump);
		for (const image of kept.troubled) troubleImage(double, image);
		return { double, troubled: kept.troubled };
	}
	for (const name of NODES) double.addNode(name);
	return { double, troubled: fillCluster(double, declared, Date.now()) };
}

/** Let the double's time pass: its controllers look at what changed lately, and what changed is written down. */
function runDouble(double, save) {
	const { store, requests } = double.world;
	const busy = new Map();
	const note = (object) => busy.set(workloadOf(object), Date.now() + BUSY_MS);
	// What was under way when it was left goes on.
	for (const object of store.list("deployments")) if (!double.isRolledOut(object.metadata.name, object.metadata)) note(object);
	for (const kind of ["deployments", "replicasets", "pods"]) double.onChange(kind, note);
	let written = 0;
	const keep = () => {
		if (store.version === written) return;
		save();
		written = store.version;
	};
	keep();
	const timer = setInterval(() => {
		const now = Date.now();
		double.advance(now - double.now());
		for (const [workload, until] of busy) if (until < now) busy.delete(workload);
		if (busy.size > 0) double.step(1, (object) => busy.has(workloadOf(object)));
		forgetEvents(double);
		requests.length = 0;
		keep();
	}, TICK_MS);
	process.once("exit", keep);
	return async () => {
		process.off("exit", keep);
		clearInterval(timer);
		keep();
		await double.stop();
	};
}

/** Run the agent, and run it again when it ends, as a kubelet does. `onTrouble` hears when it is not let in. */
function runAgent({ program, env, logFile, onStart, onTrouble }) {
	const log = createWriteStream(logFile);
	let child = null;
	let timer = null;
	let isStopping = false;
	let failures = 0;
	const start = () => {
		const startedAt = Date.now();
		child = spawn(NODE, [...NODE_FLAGS, program], { env, stdio: ["ignore", "pipe", "pipe"] });
		for (const stream of [child.stdout, child.stderr]) {
			stream.on("data", (chunk) => {
				log.write(chunk);
				if (/sent away|not connected/.test(chunk)) onTrouble();
			});
		}
		child.once("error", (error) => log.write(`${error}\n`));
		child.once("close", () => {
			child = null;
			if (isStopping) return;
			failures = Date.now() - startedAt > AGENT_WAIT.mostMs ? 0 : failures + 1;
			timer = setTimeout(start, Math.min(AGENT_WAIT.mostMs, AGENT_WAIT.firstMs * 2 ** failures));
		});
		onStart();
	};
	start();
	// Ctrl-C may end this process before anything that has to be waited for: Miniflare's own hook does.
	process.once("exit", () => child?.kill("SIGTERM"));
	return async () => {
		isStopping = true;
		clearTimeout(timer);
		const running = child;
		if (running) {
			const ended = new Promise((done) => running.once("close", done));
			const lost = setTimeout(() => running.kill("SIGKILL"), STOP_MS);
			running.kill("SIGTERM");
			await ended;
			clearTimeout(lost);
		}
		log.end();
	};
}

/**
 * Start the demo's cluster and its agent; both end by themselves when the demo is removed.
 * @param post sends to a door of the running product, @param onStart hears of each process that was started
 * @returns how to stop it, or null where there is no demo
 */
export async function startDemoCluster({ state, baseUrl, post, team, onStart }) {
	const file = `${state}/demo-cluster.json`;
	const folder = `${state}/demo-cluster`;
	const token = `opst_${team.id}_${randomBytes(32).toString("base64url")}`;
	const find = (more) =>
		post("/dev/demo/cluster", { team: team.slug, ...more }).catch((error) => (error.status === 404 ? null : Promise.reject(error)));
	const forget = () => {
		for (const path of [file, folder]) rmSync(path, { recursive: true, force: true });
	};
	const cluster = await find({ token });
	if (!cluster) {
		forget();
		return null;
	}
	mkdirSync(`${folder}/account`, { recursive: true });
	const program = `${folder}/agent.cjs`;
	const [module] = await Promise.all([loadDouble(folder), bundleAgent(program)]);
	// Its process would stay for as long as this one.
	await stopBuilder();
	const ask = async (path) => {
		const answer = await fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${team.tokens.viewer}` } });
		if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
		return await answer.json();
	};
	const { double, troubled } = await openDouble(module, { file, clusterId: cluster.id, ask });
	await double.listen();
	const stopDouble = runDouble(double, () => writeWhole(file, JSON.stringify({ clusterId: cluster.id, troubled, dump: double.dump() })));

	writeWhole(`${folder}/token`, token);
	writeWhole(`${folder}/account/token`, KUBE_TOKEN);
	writeWhole(`${folder}/account/ca.crt`, double.ca);
	let stopping = null;
	let isLooking = false;
	const stopAgent = runAgent({
		program,
		env: {
			...{
				OPSSIGHT_URL: baseUrl,
				OPSSIGHT_TOKEN_FILE: `${folder}/token`,
				OPSSIGHT_STATE_DIR: `${folder}/results`,
				OPSSIGHT_HEALTH_PORT: "0",
			},
			...{ OPSSIGHT_KUBE_URL: double.url, OPSSIGHT_KUBE_DIR: `${folder}/account` },
		},
		logFile: `${folder}/agent.log`,
		onStart,
		onTrouble: async () => {
			if (isLooking || stopping) return;
			isLooking = true;
			// The product may only be away for a moment, while it is built anew.
			const isGone = (await find({}).catch(() => "not known")) === null;
			isLooking = false;
			if (!isGone) return;
			await stop();
			forget();
			console.log("opssight: the demo's cluster is gone with the demo");
		},
	});
	const stop = () => (stopping ??= stopAgent().then(stopDouble));
	return stop;
}
