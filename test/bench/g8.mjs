import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleAgent, NODE_FLAGS } from "../../scripts/build-agent.mjs";
import { startEdgeDouble } from "../support/edge-double/index.ts";
import { agentUser, startKubeDouble } from "../support/kube-double/index.ts";
import { openRig } from "../support/rig.mjs";
import { median, quantile, row } from "./stats.mjs";

const TOKEN = "agent-service-account";
const PODS = 1000;
const PODS_PER_WORKLOAD = 10;
const MB = 2 ** 20;
const CLOCK_TICKS = 100;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const residentMb = (pid) => (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) * 1024) / MB;

/** CPU seconds that a process has used. */
function cpuSeconds(pid) {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
	return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

/** A Node process that does nothing. @returns its resident memory, MB */
async function bareNode() {
	const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
	await sleep(1500);
	const mb = residentMb(child.pid);
	child.kill("SIGKILL");
	return mb;
}

/** The agent as it is shipped, in a process of its own. */
function startAgentProcess({ file, edge, kubeUrl, kubeDir, scratch }) {
	const tokenFile = join(scratch, "agent-token");
	writeFileSync(tokenFile, edge.token);
	const child = spawn(process.execPath, [...NODE_FLAGS, file], {
		env: {
			OPSSIGHT_URL: edge.url,
			OPSSIGHT_TOKEN_FILE: tokenFile,
			OPSSIGHT_KUBE_URL: kubeUrl,
			OPSSIGHT_KUBE_DIR: kubeDir,
			OPSSIGHT_STATE_DIR: join(scratch, "state"),
			OPSSIGHT_HEALTH_PORT: "0",
		},
		stdio: ["ignore", "pipe", "inherit"],
	});
	let log = "";
	child.stdout.on("data", (chunk) => {
		log = (log + chunk).slice(-10_000);
	});
	const stop = () =>
		new Promise((done) => {
			child.once("exit", done);
			child.kill("SIGKILL");
		});
	return { pid: child.pid, log: () => log, stop };
}

/** A cluster of so many pods that stands still, and what the agent costs beside it. */
async function standing({ file, scratch, isQuick }) {
	const kube = await startKubeDouble({ everyMs: 0, nodes: 20 });
	kube.addToken(TOKEN, agentUser(["shop"]));
	writeFileSync(join(scratch, "token"), TOKEN);
	writeFileSync(join(scratch, "ca.crt"), kube.ca);
	for (let n = 0; n < PODS / PODS_PER_WORKLOAD; n++) await kube.deploy(`w-${n}`, "1.0.0", { replicas: PODS_PER_WORKLOAD, wait: false });
	kube.stepUntil(
		() => Array.from({ length: PODS / PODS_PER_WORKLOAD }, (_, n) => kube.isRolledOut(`w-${n}`)).every(Boolean),
		"the rollout of all",
	);
	const edge = await startEdgeDouble();
	const bare = await bareNode();
	const agent = startAgentProcess({ file, edge, kubeUrl: kube.url, kubeDir: scratch, scratch });
	try {
		await edge.until(
			() => edge.cluster?.podCount === PODS && edge.workloads.size === PODS / PODS_PER_WORKLOAD,
			"the whole cluster",
			60_000,
		);
		// Node gives back what start-up needed only after some quiet seconds.
		await sleep(12_000);
		const seconds = isQuick ? 20 : 40;
		const before = cpuSeconds(agent.pid);
		await sleep(seconds * 1000);
		const cpu = ((cpuSeconds(agent.pid) - before) / seconds) * 100;
		return { bare, resident: residentMb(agent.pid), cpu };
	} finally {
		await agent.stop();
		await edge.stop();
		await kube.stop();
	}
}

/** Rollbacks, one after the other, of a version that fails. @returns milliseconds of each part */
async function rollbacks({ file, scratch, cluster, rounds }) {
	const edge = await startEdgeDouble();
	const agent = startAgentProcess({ file, edge, kubeUrl: cluster.url, kubeDir: cluster.dir, scratch });
	const times = { claimed: [], patched: [], verified: [] };
	try {
		await edge.until(() => edge.workload("checkout")?.canPatch === true, "the report of checkout", 60_000);
		for (let round = 0; round < rounds; round++) {
			await cluster.breakCheckout(`9.${Date.now() % 1e6}.${round}`);
			const good = () => edge.workload("checkout")?.revisions.find(({ images }) => images[0].endsWith(cluster.good));
			await edge.until(
				() => edge.workload("checkout")?.state !== "healthy" && edge.workload("checkout")?.images[0].includes(":9."),
				"the bad version",
				60_000,
			);
			const id = `bench-${Date.now()}-${round}`;
			const asked = performance.now();
			edge.rollBack(id, "checkout", good().revision);
			await edge.until(() => edge.commands.get(id).stages.length > 0, "its start");
			times.claimed.push(performance.now() - asked);
			await edge.until(() => edge.command(id).applied, "the patch");
			times.patched.push(performance.now() - asked);
			await edge.until(() => edge.command(id).state === "succeeded", "the end", 120_000);
			times.verified.push(performance.now() - asked);
			await edge.until(() => edge.workload("checkout")?.state === "healthy", "a healthy report", 60_000);
		}
		return times;
	} catch (error) {
		console.error(agent.log());
		throw error;
	} finally {
		await agent.stop();
		await edge.stop();
	}
}

/** The double as the cluster to roll back in. */
async function doubleCluster(scratch) {
	const kube = await startKubeDouble({ everyMs: 5 });
	kube.addToken(TOKEN, agentUser(["shop"]));
	writeFileSync(join(scratch, "token"), TOKEN);
	writeFileSync(join(scratch, "ca.crt"), kube.ca);
	await kube.deploy("checkout", "1.4.2");
	return {
		what: "API double",
		url: kube.url,
		dir: scratch,
		good: "1.4.2",
		breakCheckout: (version) => kube.break("checkout", version, { wait: false }),
		stop: () => kube.stop(),
	};
}

/**
 * G8: the agent. Its memory and idle CPU beside a bare Node process, with 1,000 pods; and how long a rollback takes from the offer to
 * the patch and to all pods ready, in the cluster of KUBECONFIG_TEST, else in the API double, whose pods are as fast as its clock.
 */
export async function g8({ isQuick }) {
	const scratch = mkdtempSync(join(tmpdir(), "opssight-g8-"));
	try {
		const file = join(scratch, "index.cjs");
		await bundleAgent(file);
		const { bare, resident, cpu } = await standing({ file, scratch, isQuick });
		const cluster = process.env.KUBECONFIG_TEST ? await openRig(process.env.KUBECONFIG_TEST) : await doubleCluster(scratch);
		const times = await rollbacks({ file, scratch, cluster, rounds: isQuick ? 5 : 20 }).finally(cluster.stop);
		const where = `(${cluster.what})`;
		return [
			row("G8", "bare Node, resident", bare, { unit: "MB" }),
			row("G8", `agent with ${PODS} pods, resident`, resident, { unit: "MB" }),
			row("G8", "agent against bare Node, resident", resident / bare, { atMost: 1.5, unit: "x" }),
			row("G8", `agent idle with ${PODS} pods`, cpu, { atMost: 1, unit: "% of a core" }),
			row("G8", `command to agent, p99 ${where}`, quantile(times.claimed, 0.99), { atMost: 100, unit: "ms" }),
			row("G8", `asked to patched, p50 ${where}`, median(times.patched), { unit: "ms" }),
			row("G8", `asked to patched, p95 ${where}`, quantile(times.patched, 0.95), { atMost: 2000, unit: "ms" }),
			row("G8", `asked to all pods ready, p50 ${where}`, median(times.verified), { unit: "ms" }),
			row("G8", `asked to all pods ready, p95 ${where}`, quantile(times.verified, 0.95), { atMost: 120_000, unit: "ms" }),
		];
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}
