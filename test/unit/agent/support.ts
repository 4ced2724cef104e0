// An agent between the two doubles, as each test of it needs one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type RunningAgent, startAgent } from "../../../agent/agent.ts";
import type { Step } from "../../../agent/commands/work.ts";
import { makeLog } from "../../../agent/log.ts";
import { type EdgeDouble, type EdgeOptions, startEdgeDouble } from "../../support/edge-double/index.ts";
import { agentUser, type KubeDouble, type Options, startKubeDouble } from "../../support/kube-double/index.ts";

const KUBE_TOKEN = "agent-service-account";

export type Stage = { kube: KubeDouble; edge: EdgeDouble; dir: string; lines: string[] };

/** A cluster in which an agent may patch in `shop`, and an edge. */
export async function setStage({ kube: kubeOptions, edge: edgeOptions }: { kube?: Options; edge?: EdgeOptions } = {}): Promise<Stage> {
	const dir = mkdtempSync(join(tmpdir(), "opssight-agent-"));
	const kube = await startKubeDouble({ everyMs: 2, ...kubeOptions });
	const edge = await startEdgeDouble(edgeOptions);
	kube.addToken(KUBE_TOKEN, agentUser(["shop"]));
	writeFileSync(join(dir, "ca.crt"), kube.ca);
	onTestFinished(async () => {
		await edge.stop();
		await kube.stop();
		rmSync(dir, { recursive: true, force: true });
	});
	return { kube, edge, dir, lines: [] };
}

export type AgentOptions = {
	/** Called where a process may die. */
	step?: (name: Step) => Promise<void>;
	token?: () => string;
	kubeToken?: () => string;
	/** Added to its clock. */
	clock?: { skewMs: number };
	stateDir?: string | null;
	pace?: number;
};

/** An agent on the stage. It is stopped with the test. */
export function enterAgent(stage: Stage, options: AgentOptions = {}): RunningAgent {
	const agent = start(stage, options);
	onTestFinished(() => agent.stop());
	return agent;
}

function start({ kube, edge, dir, lines }: Stage, options: AgentOptions): RunningAgent {
	const clock = options.clock ?? { skewMs: 0 };
	return startAgent({
		settings: { url: new URL(edge.url), kubeUrl: new URL(kube.url), kubeDir: dir, stateDir: options.stateDir ?? join(dir, "state") },
		version: "test",
		readToken: options.token ?? (() => edge.token),
		readKubeToken: options.kubeToken ?? (() => KUBE_TOKEN),
		log: makeLog({ write: (line) => void lines.push(line), now: Date.now, secrets: () => [edge.token, KUBE_TOKEN] }),
		now: () => Math.round(performance.timeOrigin + performance.now()) + clock.skewMs,
		random: Math.random,
		pace: options.pace ?? 0.1,
		...(options.step && { step: options.step }),
	});
}

/** An agent that dies at a step, as a killed process does: nothing that comes after it happens. @returns when its lines are down */
export async function enterDoomedAgent(stage: Stage, at: Step, options: AgentOptions = {}): Promise<{ died: Promise<void> }> {
	const died = new Promise<void>((died) => {
		const step = (name: Step) => {
			if (name !== at) return Promise.resolve();
			void agent.stop();
			died();
			return new Promise<void>(() => {});
		};
		const agent = start(stage, { ...options, step });
	});
	return { died: died.then(() => stage.edge.until(() => stage.edge.lines() === 0, "the end of its lines")) };
}

/** Patches of a workload that changed what it runs: of those there may be one for a command. */
export function changesOf({ kube }: Stage, name: string): unknown[] {
	return kube
		.patchesOf(name, { applied: true })
		.filter(({ body, user }) => user.includes("opssight") && (JSON.stringify(body).includes("/spec/template") || body.spec !== undefined));
}

/** A failed deployment of 1.5.0 after a good one of 1.4.2: the story of every rollback. */
export async function breakCheckout({ kube }: Stage): Promise<void> {
	await kube.deploy("checkout", "1.4.1", { changeCause: "deploy checkout 1.4.1" });
	await kube.deploy("checkout", "1.4.2", { changeCause: "deploy checkout 1.4.2" });
	await kube.break("checkout", "1.5.0", { changeCause: "deploy checkout 1.5.0" });
}

/** The image that a workload asks for. */
export function imageOf({ kube }: Stage, name: string, plural = "deployments"): string {
	return kube.find(plural, name)?.spec.template.spec.containers[0].image.split(":")[1];
}
