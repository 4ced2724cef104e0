// The agent against a real control plane. KUBECONFIG_TEST names the kubeconfig of its administrator; without it these say that they were
// skipped. Pods there may be hollow: what is tested is the API server, its controllers and its RBAC.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningAgent, startAgent } from "../../agent/agent.ts";
import { STEPS, type Step } from "../../agent/commands/work.ts";
import { makeLog } from "../../agent/log.ts";
import { type EdgeDouble, startEdgeDouble } from "../support/edge-double/index.ts";
import { openRig, type Rig } from "../support/rig.mjs";

const kubeconfig = process.env.KUBECONFIG_TEST;
/** The edge's clock alone: a lease that nobody renews is over after this. */
const PAST_LEASE_MS = 16_000;
const now = () => Math.round(performance.timeOrigin + performance.now());

describe.skipIf(!kubeconfig)("the agent in a real cluster (KUBECONFIG_TEST)", () => {
	let rig: Rig;
	let edge: EdgeDouble;
	let stateDir: string;
	let commands = 0;
	const running: RunningAgent[] = [];

	beforeAll(async () => {
		rig = await openRig(kubeconfig as string);
	}, 120_000);
	afterAll(async () => {
		await rig?.stop();
	}, 60_000);

	/** An edge of its own for each test, so that nobody waits for another's lease. */
	async function begin(): Promise<void> {
		edge = await startEdgeDouble();
		stateDir = mkdtempSync(join(tmpdir(), "opssight-agent-"));
	}
	async function end(): Promise<void> {
		for (const agent of running.splice(0)) await agent.stop();
		await edge.stop();
		rmSync(stateDir, { recursive: true, force: true });
	}
	function enter(step?: (name: Step) => Promise<void>): RunningAgent {
		const agent = startAgent({
			settings: { url: new URL(edge.url), kubeUrl: new URL(rig.url), kubeDir: rig.dir, stateDir },
			version: "test",
			readToken: () => edge.token,
			readKubeToken: () => readFileSync(join(rig.dir, "token"), "utf8").trim(),
			log: makeLog({ write: () => {}, now: Date.now, secrets: () => [] }),
			now,
			random: Math.random,
			pace: 0.2,
			...(step && { step }),
		});
		if (!step) running.push(agent);
		return agent;
	}
	/** An agent that dies at a step, as a killed process does. */
	function enterDoomed(at: Step): Promise<void> {
		return new Promise<void>((died) => {
			const agent = enter((name) => {
				if (name !== at) return Promise.resolve();
				void agent.stop();
				died();
				return new Promise<void>(() => {});
			});
		}).then(() => edge.until(() => edge.lines() === 0, "the end of its lines"));
	}
	const checkout = () => [...edge.workloads.values()].find(({ name, namespace }) => name === "checkout" && namespace === rig.namespace);
	const goodRevision = () => checkout()?.revisions.find(({ images }) => images[0]?.endsWith(`:${rig.good}`))?.revision as number;
	async function failing(version: string, options: { wait: boolean }): Promise<void> {
		await edge.until(() => checkout()?.canPatch === true, "the report of checkout");
		await rig.breakCheckout(version, options);
		await edge.until(
			() => checkout()?.images[0]?.endsWith(`:${version}`) === true && (!options.wait || checkout()?.state === "degraded"),
			version,
			40_000,
		);
	}
	function rollBack(): string {
		const id = `rig-${now()}-${++commands}`;
		const seen = checkout();
		const hashOf = (wanted: number) => seen?.revisions.find(({ revision }) => revision === wanted)?.hash ?? null;
		const target = goodRevision();
		edge.request(id, {
			verb: "rollback",
			workload: { namespace: rig.namespace, kind: "Deployment", name: "checkout" },
			expectedRevision: seen?.revision ?? null,
			expectedHash: hashOf(seen?.revision ?? 0),
			targetRevision: target,
			targetHash: hashOf(target),
		});
		return id;
	}
	async function over(id: string): Promise<void> {
		await edge.until(() => edge.command(id).state === "succeeded" || edge.command(id).state === "failed", `the end of ${id}`, 60_000);
	}
	/** What the Deployment itself says: each command is in its mark once, its revision grew by one, its image is the good one. */
	async function expectOnePatch(id: string, revisionBefore: number): Promise<void> {
		const { metadata, spec } = await rig.deployment();
		expect(spec.template.spec.containers[0].image.split(":")[1]).toBe(rig.good);
		const mark = JSON.parse(metadata.annotations["opssight.dev/command"]);
		expect(mark.done.filter((one: string) => one === id)).toEqual([id]);
		expect(mark.by).toEqual({ id, revision: revisionBefore + 1 });
		expect(Number(metadata.annotations["deployment.kubernetes.io/revision"])).toBe(revisionBefore + 1);
		expect(metadata.managedFields.map(({ manager }: { manager: string }) => manager)).toContain("opssight-agent");
	}

	test("a rollout that fails is reported, rolled back to the explicit revision, and well again", { timeout: 120_000 }, async () => {
		await begin();
		try {
			enter();
			await failing("1.5.0", { wait: true });
			expect(checkout()).toMatchObject({ state: "degraded", reason: "ProgressDeadlineExceeded", canPatch: true });
			const before = checkout()?.revision ?? 0;
			const id = rollBack();
			await over(id);
			expect(edge.command(id)).toMatchObject({ state: "succeeded", applied: true, revision: before + 1 });
			await expectOnePatch(id, before);
			await edge.until(() => checkout()?.state === "healthy" && checkout()?.commandId === id, "the healthy report");

			// The second one does not return to the broken revision, which by now is the newest but one.
			await failing("1.6.0", { wait: false });
			const second = rollBack();
			await over(second);
			expect(edge.command(second).state).toBe("succeeded");
			await expectOnePatch(second, before + 2);
			expect(edge.nonsense).toEqual([]);
		} finally {
			await end();
		}
	});

	test.each(STEPS.filter((name) => !/Barrier/.test(name)))(
		"killed at '%s' and started again: exactly one patch, and the truth",
		{ timeout: 120_000 },
		async (name) => {
			await begin();
			try {
				const died = enterDoomed(name);
				await failing(`2.0.${++commands}`, { wait: false });
				const before = checkout()?.revision ?? 0;
				const id = rollBack();
				await died;
				enter();
				edge.advance(PAST_LEASE_MS);
				await over(id);
				expect(edge.command(id)).toMatchObject({ state: "succeeded", applied: true });
				await expectOnePatch(id, before);
			} finally {
				await end();
			}
		},
	);

	test("two agents make one patch, also when the first sleeps past its lease before it sends its own", { timeout: 120_000 }, async () => {
		await begin();
		try {
			let wake = () => {};
			const asleep = new Promise<void>((done) => {
				wake = done;
			});
			let isAsleep = () => {};
			const fell = new Promise<void>((done) => {
				isAsleep = done;
			});
			const sleeper = enter(async (name) => {
				if (name !== "beforePatch") return;
				isAsleep();
				await asleep;
			});
			running.push(sleeper);
			await failing(`3.0.${++commands}`, { wait: false });
			const second = enter();
			await edge.until(() => second.state().why === "standby", "the second standing by");
			const before = checkout()?.revision ?? 0;
			const id = rollBack();
			await fell;
			edge.ignore(sleeper.id);
			edge.advance(PAST_LEASE_MS);
			await edge.until(() => edge.command(id).applied, "the second's patch");
			wake();
			await over(id);
			expect(edge.command(id).state).toBe("succeeded");
			await expectOnePatch(id, before);
		} finally {
			await end();
		}
	});

	test("a deployment that lands between reading and patching is refused by the API server and stays", { timeout: 120_000 }, async () => {
		await begin();
		try {
			let isFirst = true;
			const agent = enter(async (name) => {
				if (name !== "beforePatch" || !isFirst) return;
				isFirst = false;
				await rig.kubectl("set", "image", "deployment/checkout", "app=registry.example.com/shop/checkout:4.1.0");
			});
			running.push(agent);
			await failing("4.0.0", { wait: false });
			const id = rollBack();
			await over(id);
			expect(edge.command(id)).toMatchObject({ state: "failed", applied: false, reason: "environment_moved" });
			expect((await rig.deployment()).spec.template.spec.containers[0].image).toContain("4.1.0");
		} finally {
			await end();
		}
	});

	test.each([
		["read a secret", ["get", "secrets"]],
		["delete a pod", ["delete", "pods", "--all"]],
		["scale", ["scale", "deployment/checkout", "--replicas=1"]],
		["execute", ["exec", "deployment/checkout", "--", "id"]],
		["create", ["create", "configmap", "x"]],
	])("with the installed rights it can't %s", { timeout: 30_000 }, async (_, args) => {
		await expect(rig.asAgent("-n", rig.namespace, ...args)).rejects.toThrow(/[Ff]orbidden/);
	});

	test("it may patch workloads in the namespace that was chosen, and in no other", { timeout: 30_000 }, async () => {
		const mayPatch = (namespace: string) => rig.asAgent("-n", namespace, "auth", "can-i", "patch", "deployments.apps");
		expect((await mayPatch(rig.namespace)).stdout.trim()).toBe("yes");
		await expect(mayPatch("kube-system")).rejects.toMatchObject({ stdout: "no\n" });
	});
});
