// What is said before the button of a rollback: one situation a row, and which check it turns amber or red.
import { describe, expect, test } from "vitest";
import {
	confirmation,
	manualCommand,
	manualCommandUnseen,
	notUndone,
	type PreflightFacts,
	preflight,
} from "#worker/domains/deployments/preflight";

const NOW = 1_000_000_000;
const MIN = 60_000;
const workload: NonNullable<PreflightFacts["workload"]> = {
	...{ namespace: "shop", kind: "Deployment", name: "checkout", isPaused: false, owner: null, canPatch: true },
	...{ state: "degraded", stateSince: NOW - 2 * MIN },
};
const lockOf = (id: string, until: number | null = NOW + 10 * MIN) => ({
	by: { id, name: "Jonas" },
	at: NOW,
	until,
	reason: "load test",
	rollbackId: null,
});
const facts: PreflightFacts = {
	now: NOW,
	environment: { name: "production", isProduction: true },
	component: "checkout",
	askerId: "u-maya",
	workload,
	latest: { status: "failure", version: "1.5.0", startedAt: NOW - 3 * MIN, actor: "Maya" },
	target: { version: "1.4.1", revision: 1, hasRunWell: true, ran: "ran 2 d", hold: null },
	goodMinutes: 15,
	changesBetween: [],
	agent: { cluster: "main", isConnected: true, lastSeenAt: NOW },
	lock: null,
};

const CASES: [string, Partial<PreflightFacts>, Record<string, "warn" | "stop">][] = [
	["all is well", {}, {}],
	["the revision is gone", { target: { ...facts.target!, revision: null } }, { image: "stop" }],
	["nobody speaks of the component", { workload: null, agent: null }, { agent: "stop" }],
	["the agent is away", { agent: { cluster: "main", isConnected: false, lastSeenAt: NOW - 3 * MIN } }, { agent: "stop" }],
	["the agent may not patch", { workload: { ...workload, canPatch: false } }, { agent: "stop" }],
	["the workload is paused", { workload: { ...workload, isPaused: true } }, { paused: "stop" }],
	["Argo CD owns it", { workload: { ...workload, owner: { tool: "argocd", name: "checkout" } } }, { owner: "stop" }],
	["Flux owns it", { workload: { ...workload, owner: { tool: "flux", name: "apps" } } }, { owner: "stop" }],
	["Helm owns it", { workload: { ...workload, owner: { tool: "helm", name: "checkout" } } }, { owner: "warn" }],
	["a deployment hangs", { latest: { ...facts.latest, status: "running" } }, { inFlight: "warn" }],
	[
		"a deployment goes on well",
		{ latest: { ...facts.latest, status: "running" }, workload: { ...workload, state: "progressing" } },
		{ inFlight: "stop" },
	],
	["somebody else's lock", { lock: lockOf("u-jonas") }, { lock: "stop" }],
	["a lock without an end", { lock: lockOf("u-jonas", null) }, { lock: "stop" }],
	["one's own lock", { lock: lockOf("u-maya") }, {}],
	["a lock that is over", { lock: lockOf("u-jonas", NOW - 1) }, {}],
	["the target did not run for long", { target: { ...facts.target!, hasRunWell: false } }, { ran: "warn" }],
	[
		"a migration lies between",
		{ changesBetween: [{ kind: "migration", title: "0042_orders", at: NOW - 60 * MIN }] },
		{ "between-migration": "stop" },
	],
	["an apply lies between", { changesBetween: [{ kind: "terraform", title: "network", at: NOW }] }, { "between-terraform": "stop" }],
	["the trouble is older", { workload: { ...workload, stateSince: NOW - 60 * MIN } }, { older: "warn" }],
];

describe("before the button", () => {
	test.each(CASES)("%s", (_what, changed, expected) => {
		const checks = preflight({ ...facts, ...changed });
		const notGreen = Object.fromEntries(checks.filter(({ tone }) => tone !== "ok").map(({ id, tone }) => [id, tone]));
		expect(notGreen).toEqual(expected);
		const rank = { stop: 0, warn: 1, ok: 2 };
		expect(checks.map(({ tone }) => rank[tone])).toEqual(checks.map(({ tone }) => rank[tone]).sort());
		expect(checks.every(({ title }) => title.length > 10 && !title.includes("undefined"))).toBe(true);
	});

	test("a held version is red, with who and how long", () => {
		const hold = { id: "h", component: "checkout", version: "1.4.1", commit: null, rollbackId: null, by: { id: "u", name: "Jonas" } };
		const checks = preflight({ ...facts, target: { ...facts.target!, hold: { ...hold, at: NOW, until: NOW + 20 * MIN, reason: "5xx" } } });
		expect(checks[0]).toEqual({
			id: "hold",
			tone: "stop",
			title: "1.4.1 was rolled back by Jonas and is held for 20 min more",
			detail: "5xx",
		});
	});

	test("red needs the word and a manager; production the word; anything else a button", () => {
		const red = preflight({ ...facts, lock: lockOf("u-jonas") });
		const green = preflight(facts);
		expect(confirmation({ name: "production", isProduction: true }, green)).toEqual({ confirm: "word", word: "prod", needs: "member" });
		expect(confirmation({ name: "staging", isProduction: false }, green)).toEqual({ confirm: "button", word: "staging", needs: "member" });
		expect(confirmation({ name: "staging", isProduction: false }, red)).toEqual({ confirm: "word", word: "staging", needs: "manager" });
	});

	test("what is not undone is said, and what to run by hand", () => {
		expect(
			notUndone({ workload: { ...workload, kind: "StatefulSet" }, changesBetween: [{ kind: "migration", title: "0042", at: 1 }] }),
		).toEqual([
			"Data in databases and queues, and feature flags.",
			"ConfigMaps and Secrets: a revision only names them.",
			"What the new version wrote to its volumes.",
			"0042",
		]);
		expect(manualCommand(workload, 2)).toBe("kubectl -n shop rollout undo deployment/checkout --to-revision=2");
		expect(manualCommand({ ...workload, kind: "DaemonSet" }, null)).toBe("kubectl -n shop rollout undo daemonset/checkout");
		expect(manualCommandUnseen("checkout")).toBe("kubectl -n NAMESPACE rollout undo deployment/checkout --to-revision=REVISION");
		expect(manualCommandUnseen("x; rm -rf /")).toBeNull();
	});
});
