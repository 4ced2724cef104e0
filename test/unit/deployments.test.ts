import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StoredWorkload } from "../../worker/domains/clusters/workload.ts";
import { chooseDispatcher } from "../../worker/domains/deployments/dispatch.ts";
import { decideGate, frozenUntil, type GateFacts } from "../../worker/domains/deployments/gate.ts";
import { type Declared, imageParts, revisionOf, versionOfImages } from "../../worker/domains/deployments/matching.ts";
import { deploymentFromEvent, mergeDeployments, type StoredDeployment } from "../../worker/domains/deployments/model.ts";
import { pickWorkload } from "../../worker/domains/deployments/offer.ts";
import { componentStates } from "../../worker/domains/environments/components.ts";
import type { StoredEnvironment } from "../../worker/domains/environments/model.ts";
import { refusedAddress } from "../../worker/safe-fetch.ts";
import type { Revision } from "../../worker/wire/agent.ts";
import type { DeploymentEvent } from "../../worker/wire/events.ts";

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 10, 20, 10, 30);
const SHA = "59b20b8a0b7a4f1e9c7b1b2d3e4f5a6b7c8d9e0f";

function revision(n: number, tag: string, more: Partial<Revision> = {}): Revision {
	return {
		revision: n,
		images: [`registry.example.com/shop/checkout:${tag}`],
		hash: `h${n}`,
		createdAt: NOW - (10 - n) * 3600_000,
		changeCause: null,
		label: null,
		...more,
	};
}

describe("which revision a deployment is", () => {
	const declared = {
		component: "checkout",
		version: "1.4.2",
		commit: SHA,
		images: [] as string[],
		startedAt: NOW,
		finishedAt: NOW + MINUTE,
	};
	const cause = (version: string, sha: string) => `deploy checkout ${version} (sha ${sha})`;
	const recorded = [
		revision(3, "1.5.0", { changeCause: cause("1.5.0", "a1b2c3d") }),
		revision(2, "1.4.2", { changeCause: cause("1.4.2", "59b20b8") }),
		revision(1, "1.4.1", { changeCause: cause("1.4.1", "6dcb09b") }),
	];
	test.each<[string, Partial<Declared>, Revision[], number | null]>([
		["tag equals version", {}, recorded, 2],
		["v before the version", { version: "v1.4.2" }, recorded, 2],
		["v before the tag", {}, [revision(2, "v1.4.2"), revision(1, "1.4.1")], 2],
		["the recorded case: CI names the commit, the image its version, the change-cause both", { version: "59b20b8" }, recorded, 2],
		["commit in the tag", { version: "x" }, [revision(3, "main-a1b2c3d"), revision(2, "main-59b20b8a"), revision(1, "main-6dcb09b")], 2],
		["six letters of a commit are too few", { version: "x" }, [revision(2, "59b20b"), revision(1, "b")], null],
		["images the deployment lists", { version: "x", commit: null, images: ["registry.example.com/shop/checkout:1.4.1"] }, recorded, 1],
		[
			"a sidecar's image that it lists is not enough",
			{ version: "x", commit: null, images: ["envoy:1"] },
			[revision(2, "b", { images: ["shop/checkout:b", "envoy:1"] })],
			null,
		],
		[
			"digest",
			{ version: "0b31b1c02ff4", commit: null },
			[revision(2, "", { images: [`shop/checkout@sha256:0b31b1c02ff4${"a".repeat(52)}`] }), revision(1, "b")],
			2,
		],
		["label", { version: "2.0" }, [revision(2, "b", { label: "2.0" }), revision(1, "a", { label: "1.9" })], 2],
		[
			"a restart made another revision of the same image: the newest",
			{},
			[revision(4, "1.4.2"), revision(2, "1.4.2"), revision(1, "1.4.1")],
			4,
		],
		[
			"a change-cause that was copied on proves nothing",
			{ version: "x" },
			[revision(2, "b", { changeCause: "sha 59b20b8" }), revision(1, "a", { changeCause: "sha 59b20b8" })],
			null,
		],
		["the one made in its time", { version: "x", commit: null }, [revision(2, "b", { createdAt: NOW + 30_000 }), revision(1, "a")], 2],
		[
			"two made in its time",
			{ version: "x", commit: null },
			[revision(2, "b", { createdAt: NOW + 30_000 }), revision(1, "a", { createdAt: NOW })],
			null,
		],
		[
			"one made a little before it is said to begin",
			{ version: "x", commit: null },
			[revision(2, "b", { createdAt: NOW - 59_000 }), revision(1, "a")],
			2,
		],
		["one made eleven minutes after its end", { version: "x", commit: null }, [revision(2, "b", { createdAt: NOW + 12 * MINUTE })], null],
	])("%s", (_, change, revisions, expected) => {
		expect(revisionOf({ ...declared, ...change }, revisions)?.revision ?? null).toBe(expected);
	});

	test.each([
		["registry:5000/shop/checkout:1.4.2@sha256:ab", { name: "registry:5000/shop/checkout", tag: "1.4.2", digest: "sha256:ab" }],
		["registry:5000/shop/checkout", { name: "registry:5000/shop/checkout", tag: null, digest: null }],
		["checkout@sha256:ab", { name: "checkout", tag: null, digest: "sha256:ab" }],
	])("%s is read", (image, parts) => expect(imageParts(image)).toEqual(parts));

	test("a version is the component's own image's, whatever stands beside it", () => {
		expect(versionOfImages(["envoy:1.30", "r.example.com/shop/checkout:1.5.0"], "checkout")).toBe("1.5.0");
		expect(versionOfImages([`r.example.com/checkout@sha256:${"ab".repeat(32)}`], "checkout")).toBe("abababababab");
		expect(versionOfImages([], "checkout")).toBe("unknown");
	});
});

test("in whatever order the words about a deployment come, and however often, they end in the same state", () => {
	const event = fc.record({
		status: fc.constantFrom("queued", "running", "success", "failure", "cancelled", null),
		updatedAt: fc.integer({ min: 1, max: 5 }),
		version: fc.constantFrom("1", "2"),
		isRollback: fc.boolean(),
		rollbackId: fc.constantFrom(null, "a", "b"),
		receivedAt: fc.integer({ min: 100, max: 105 }),
	});
	fc.assert(
		fc.property(fc.array(event, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (words, chance) => {
			const states = words.map(({ receivedAt, ...one }) => {
				// What one sender says at one moment in one state is one thing.
				const said = { ...one, version: `${one.status}${one.updatedAt}` };
				const base = {
					type: "deployment",
					id: "d",
					source: "github",
					externalId: "d",
					environment: "e",
					component: "c",
					commit: null,
					ref: null,
					repo: null,
				};
				const times = {
					statusRaw: one.status ?? "inactive",
					startedAt: one.status === "running" ? one.updatedAt : null,
					finishedAt: one.status === "success" ? one.updatedAt : null,
				};
				const rest = {
					inactiveAt: one.status === null ? one.updatedAt : null,
					actor: null,
					reason: null,
					title: null,
					url: null,
					images: [],
				};
				return deploymentFromEvent({ ...base, ...times, ...rest, ...said } as DeploymentEvent, "t", "i", receivedAt);
			});
			const shuffled = states
				.map((state) => ({ state, at: chance.next().value as number }))
				.sort((a, b) => a.at - b.at)
				.map(({ state }) => state);
			const end = (all: typeof states) => all.reduce(mergeDeployments);
			expect(end([...shuffled, ...shuffled.slice(0, 2)])).toEqual(end(states));
		}),
		{ numRuns: 500 },
	);
});

describe("how a component stands", () => {
	const environment: StoredEnvironment = {
		...{ id: "e", name: "production", createdAt: 0, lock: null, fence: 0 },
		settings: { isProduction: true, goodMinutes: 15, autoRollback: false, needsApprover: false, freezes: [], drills: false },
	};
	const deployed = (id: string, version: string, minutesAgo: number, more: Partial<StoredDeployment> = {}): StoredDeployment => ({
		...{
			id,
			source: "github",
			externalId: id,
			environmentId: "e",
			environment: "production",
			component: "checkout",
			version,
			commit: null,
			repo: null,
		},
		...{
			status: "success",
			startedAt: NOW - (minutesAgo + 1) * MINUTE,
			finishedAt: NOW - minutesAgo * MINUTE,
			durationMs: MINUTE,
			actor: "maya",
		},
		...{ isRollback: false, rollbackId: null, reason: null, title: null, url: null, orderedAt: NOW - minutesAgo * MINUTE },
		...{ images: [], inactiveAt: null, ref: null, statusRaw: null, updatedAt: 0, ...more },
	});
	const running = (revisions: Revision[], more: Partial<StoredWorkload> = {}): StoredWorkload => ({
		...{
			clusterId: "c",
			cluster: "main",
			namespace: "shop",
			kind: "Deployment",
			name: "checkout",
			component: "checkout",
			environmentId: "e",
		},
		...{
			version: imageParts(revisions[0]!.images[0]!).tag!,
			images: revisions[0]!.images,
			revision: revisions[0]!.revision,
			generation: 1,
		},
		...{
			state: "healthy",
			reason: null,
			sentence: "All pods are ready.",
			desired: 3,
			updated: 3,
			ready: 3,
			available: 3,
			total: 3,
			isPaused: false,
		},
		...{
			owner: null,
			badPods: [],
			canPatch: true,
			since: NOW - 60 * MINUTE,
			reportedAt: NOW,
			commandId: null,
			stateSince: NOW - 3 * MINUTE,
		},
		...{ revisions, templates: [], connectedAt: NOW - 3600_000, lastSeenAt: NOW - 1000, ...more },
	});
	const [old, next] = [revision(1, "1.4.2"), revision(2, "1.5.0")];
	const good = deployed("d1", "1.4.2", 120);
	const bad = deployed("d2", "1.5.0", 3, { status: "failure", reason: "readiness" });
	type Case = {
		current?: StoredDeployment | null;
		latest?: StoredDeployment | null;
		workload?: StoredWorkload;
		holds?: Parameters<typeof componentStates>[0]["holds"];
	};
	const stands = ({ current = good, latest = current, workload, holds = [] }: Case) =>
		componentStates({
			environment,
			deployments: [{ component: "checkout", current, latest }],
			workloads: workload ? [workload] : [],
			holds,
			rollback: null,
			now: NOW,
		})[0]!;
	const failing = {
		state: "degraded",
		reason: "ProgressDeadlineExceeded",
		updated: 1,
		ready: 3,
		available: 3,
		total: 4,
		sentence: "The rollout has failed.",
	} as const;

	test("of two of one name the one in trouble is meant; one called otherwise never is before them", () => {
		const well = running([old], { namespace: "a" });
		const ill = running([next, old], { ...failing, namespace: "b" });
		const other = running([next, old], { ...failing, name: "checkout-worker" });
		const meant = (...some: StoredWorkload[]) => pickWorkload(some, "checkout")?.namespace;
		expect([meant(well, ill), meant(ill, well), meant(other, well)]).toEqual(["b", "b", "a"]);
		expect(pickWorkload([running([old], { name: "checkout-api" }), other], "checkout")?.name).toBe("checkout-worker");
		expect(pickWorkload([well], "cart")).toBeNull();
	});

	test.each<[string, Case, string, string]>([
		["all is well", { workload: running([old]) }, "healthy", "1.4.2 runs on 3 pods, all ready, for 60 min."],
		[
			"an agent that came after its deployment had failed",
			{ latest: { ...bad, finishedAt: NOW - 20 * MINUTE, startedAt: NOW - 25 * MINUTE }, workload: running([next, old], failing) },
			"failing",
			"Rollout of 1.5.0 failed 20 min ago: its pods never got ready. 1.4.2 still serves.",
		],
		[
			"a rollout that fails while the old one serves",
			{ latest: bad, workload: running([next, old], failing) },
			"failing",
			"Rollout of 1.5.0 failed 3 min ago: its pods never got ready. 1.4.2 still serves.",
		],
		[
			"a rollout that fails and takes everything with it",
			{ latest: bad, workload: running([next, old], { ...failing, available: 0, ready: 0 }) },
			"failing",
			"Rollout of 1.5.0 failed 3 min ago: its pods never got ready. Nothing serves.",
		],
		[
			"a deployment that failed and changed nothing",
			{ latest: bad, workload: running([old]) },
			"healthy",
			"1.4.2 runs on 3 pods, all ready, for 60 min. Deployment of 1.5.0 failed 3 min ago and changed nothing.",
		],
		[
			"one that failed and runs all the same",
			{ latest: bad, workload: running([next, old]) },
			"failing",
			"Deployment of 1.5.0 failed 3 min ago, and it runs all the same. Readiness.",
		],
		[
			"a rollout under way",
			{
				latest: deployed("d3", "1.5.0", 0, { status: "running" }),
				workload: running([next, old], { state: "progressing", updated: 1, total: 4 }),
			},
			"deploying",
			"1.5.0 is rolling out, since 3 min: 1 of 3 pods updated, 3 available.",
		],
		[
			"pods that fell ill long after their rollout",
			{
				workload: running([old], {
					state: "degraded",
					reason: "MinimumReplicasUnavailable",
					available: 2,
					ready: 2,
					sentence: "a node is gone",
					templates: [{ hash: "h1", firstSeenAt: 0, healthyFrom: 1, healthyUntil: 2, failedAt: null }],
				}),
			},
			"degraded",
			"1 of 3 pods of 1.4.2 is down, since 3 min. A node is gone.",
		],
		["nobody watches", {}, "unknown", "1.4.2 was deployed 2 h ago by maya. No agent tells how it runs."],
		[
			"nobody watches, and it failed",
			{ latest: bad },
			"failing",
			"Deployment of 1.5.0 failed 3 min ago. Readiness. 1.4.2 was the last to succeed.",
		],
		[
			"the agent is away",
			{ workload: running([old], { lastSeenAt: NOW - 10 * MINUTE }) },
			"unknown",
			"The agent of main is away, last heard 10 min ago. Before that: 1.4.2 runs on 3 pods, all ready, for 60 min.",
		],
		[
			"scaled to zero",
			{ workload: running([old], { state: "scaledDown", desired: 0, available: 0 }) },
			"unknown",
			"1.4.2 is scaled to zero: no pod runs.",
		],
	])("%s", (_, what, health, sentence) => expect(stands(what)).toMatchObject({ health, sentence }));

	test("what was declared and what runs disagree: said where it can be known, and not while something is on its way", () => {
		expect(stands({ current: deployed("d2", "1.5.0", 30), workload: running([old]) }).mismatch).toBe(
			"1.5.0 was deployed, but main runs 1.4.2 (revision 1 of checkout).",
		);
		expect(stands({ workload: running([old]) }).mismatch).toBeNull();
		expect(
			stands({ current: deployed("d2", "1.5.0", 0), latest: deployed("d3", "1.6.0", 0, { status: "running" }), workload: running([old]) })
				.mismatch,
		).toBeNull();
		// A commit's name beside a version proves nothing either way.
		expect(stands({ current: deployed("d2", "59b20b8", 3000), workload: running([old, revision(0, "1.4.1")]) }).mismatch).toBeNull();
		const hold = {
			id: "h",
			component: "checkout",
			version: "1.5.0",
			commit: null,
			rollbackId: null,
			by: { id: "u", name: "Maya" },
			at: 0,
			until: NOW + 1,
			reason: null,
		};
		expect(stands({ current: deployed("d2", "1.5.0", 30), workload: running([next, old]), holds: [hold] }).mismatch).toContain(
			"although it is held",
		);
	});

	test.each<[string, Case, string]>([
		["no agent", {}, "No agent runs in its cluster"],
		["agent away", { workload: running([next, old], { lastSeenAt: NOW - 10 * MINUTE }) }, "is away"],
		["may not patch", { workload: running([next, old], { canPatch: false }) }, "may not change checkout"],
		["paused", { workload: running([next, old], { isPaused: true }) }, "is paused"],
		["nothing before", { workload: running([old]) }, "no earlier version"],
	])("no way back: %s", (_, what, why) => expect(stands(what).canRollBack).toEqual({ ok: false, why: expect.stringContaining(why) }));
});

describe("the gate", () => {
	const facts: GateFacts = {
		...{ environment: { name: "production", freezes: [], needsApprover: false }, component: null, version: "1.5.0", commit: null },
		...{ lock: null, holds: [], latest: [], rollback: null, askerId: "u1", now: NOW },
	};
	const lock = { by: { id: "u2", name: "Jonas" }, at: NOW - 1, until: NOW + 10 * MINUTE, reason: "incident 7.", rollbackId: null };

	test("allows what nothing stands against, and says in words what does", () => {
		expect(decideGate(facts)).toEqual({ decision: "allow", reasons: [] });
		expect(decideGate({ ...facts, lock }).reasons[0]?.message).toBe("Jonas has locked production, for 10 min more: incident 7.");
		expect(decideGate({ ...facts, lock: { ...lock, by: { id: "u1", name: "Me" } } }).decision).toBe("allow");
		expect(decideGate({ ...facts, lock: { ...lock, until: NOW } }).decision).toBe("allow");
		expect(decideGate({ ...facts, environment: { ...facts.environment, needsApprover: true } }).decision).toBe("warn");
	});

	// Friday 20 November 2026, 10:30 UTC.
	test.each([
		["in the middle", { days: [5], fromMinute: 600, toMinute: 700 }, NOW + 70 * MINUTE],
		["another day", { days: [4], fromMinute: 600, toMinute: 700 }, null],
		["over yet", { days: [5], fromMinute: 600, toMinute: 630 }, null],
		["over midnight, begun yesterday", { days: [4], fromMinute: 1200, toMinute: 660 }, NOW + 30 * MINUTE],
		["over midnight, begins tonight", { days: [5], fromMinute: 1200, toMinute: 660 }, null],
		["all day", { days: [5], fromMinute: 0, toMinute: 1440 }, NOW + 810 * MINUTE],
	])("a weekly freeze: %s", (_, window, until) => expect(frozenUntil({ kind: "weekly", reason: "", ...window }, NOW)).toBe(until));
});

test("the most specific dispatcher is chosen, and none that is for something else", () => {
	const of = (id: string, environmentId: string, component: string) => ({ id, environmentId, component });
	const all = [of("any", "", ""), of("env", "e1", ""), of("comp", "", "web"), of("both", "e1", "web"), of("other", "e2", "web")];
	const chosen = (environmentId: string, component: string) => chooseDispatcher(all, { environmentId, component })?.id;
	expect([chosen("e1", "web"), chosen("e1", "api"), chosen("e3", "web"), chosen("e3", "api")]).toEqual(["both", "env", "comp", "any"]);
	expect(chooseDispatcher([of("other", "e2", "")], { environmentId: "e1", component: "web" })).toBeNull();
});

test("addresses outwards: public names over https, and nothing else", () => {
	const refused = (url: string, hosts: string[] | null = null, mayLoopback = false) => refusedAddress(url, { hosts, mayLoopback }) !== null;
	expect(refused("https://deploy.example.com/hook")).toBe(false);
	for (const url of [
		"http://deploy.example.com",
		"https://127.0.0.1/",
		"https://0x7f.1/",
		"https://2130706433/",
		"https://[::1]/",
		"https://localhost/",
		"https://a.internal/",
		"https://localhost./",
		"https://metadata.google.internal./",
		"https://api.default.svc/",
		"https://api.default.svc.cluster.local./",
		"https://u:p@deploy.example.com/",
		"https://deploy.example.com:444/",
		"ftp://deploy.example.com",
		"nonsense",
	]) {
		expect([url, refused(url)]).toEqual([url, true]);
	}
	expect(refused("https://evil.example.com", ["gitlab.com"])).toBe(true);
	expect(refused("http://127.0.0.1:9999/double", ["gitlab.com"], true)).toBe(false);
	expect(refused("http://10.0.0.1/", null, true)).toBe(true);
});
