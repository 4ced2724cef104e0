// What the pages of deployments and rollbacks say and decide, apart from drawing it.
import { describe, expect, test } from "vitest";
import type { Change } from "#worker/wire/live";
import { installCommand, readBindings, verbsByNamespace, writeBindings } from "../../app/panels/agents/install.ts";
import { boardVerdict } from "../../app/panels/deployments/board-verdict.ts";
import { deploymentVerdict } from "../../app/panels/deployments/deployment-words.ts";
import {
	type DeploymentsPage,
	failingRows,
	foldDeploymentsPage,
	hasNews,
	nextOf,
	readHistoryFilters,
	withDeployments,
} from "../../app/panels/deployments/deployments-page.ts";
import { readFreeze, readLock, readSettings, withFreeze } from "../../app/panels/deployments/environment-forms.server.ts";
import { healthOfAll, progressOf, silentIn, versionOf } from "../../app/panels/deployments/health.ts";
import { imageChanges } from "../../app/panels/deployments/image-changes.ts";
import { changeOf, outcomeOf, tookOf } from "../../app/panels/deployments/outcome-words.ts";
import {
	sampleBoard,
	sampleComponent,
	sampleEnvironment,
	sampleObserved,
	sampleOffer,
	sampleRollback,
	sampleRollbacks,
	sampleRow,
} from "../../app/panels/gallery/deployment-samples.ts";
import { changedUnder, confirmationOf, isWord, needsReason, newKey, proposedReason, whyNotNow } from "../../app/panels/rollback/ask.ts";
import { createRollbackBook } from "../../app/panels/rollback/rollback-book.ts";
import {
	alertOf,
	askedForIn,
	canCancel,
	sentenceOf,
	shareOf,
	stagesOf,
	standOf,
	titleOf,
	toneOf,
} from "../../app/panels/rollback/rollback-words.ts";
import { isInStrip, isUnderWay, newerOf } from "../../app/panels/rollback/under-way.ts";

const NOW = Date.UTC(2026, 10, 20, 3, 14);
const row = (given: Parameters<typeof sampleRow>[1]) => sampleRow(NOW, given);

describe("how things stand", () => {
	test("an environment stands as its worst component does, and says nothing where it has none", () => {
		expect(healthOfAll([{ health: "healthy" }, { health: "failing" }, { health: "degraded" }])).toBe("failing");
		expect(healthOfAll([{ health: "healthy" }, { health: "unknown" }])).toBe("healthy");
		expect(healthOfAll([{ health: "unknown" }, { health: "unknown" }])).toBe("unknown");
		expect(silentIn([{ health: "healthy" }, { health: "unknown" }])).toBe("1 of 2 without data");
		expect(silentIn([{ health: "unknown" }])).toBeNull();
		expect(silentIn([{ health: "healthy" }])).toBeNull();
		expect(healthOfAll([])).toBe("unknown");
	});

	test("the verdict names production first, and is never happy about what nobody tells of", () => {
		expect(boardVerdict(sampleBoard(NOW))).toEqual({ sentence: "checkout is failing in prod", tone: "failing" });
		expect(boardVerdict([])).toEqual({ sentence: "Nothing has been deployed yet", tone: "unknown" });
		const silent = sampleEnvironment(NOW, { name: "prod", components: [sampleComponent(NOW, { health: "unknown" })] });
		expect(boardVerdict([silent]).tone).toBe("unknown");
		const mismatch = "1.5.0 was deployed, but prod runs 1.4.2 (revision 7 of checkout).";
		const components = [sampleComponent(NOW, { health: "healthy" }), sampleComponent(NOW, { health: "healthy", mismatch })];
		expect(boardVerdict([sampleEnvironment(NOW, { name: "prod", components })]).sentence).toBe(
			"All 2 components are healthy; one runs another version than was deployed",
		);
	});

	test("the version on a card is the failing one where that is what people meet, else the newest success", () => {
		const [current, latest] = [row({ id: "a", version: "1" }), row({ id: "b", version: "2", status: "failure" })];
		expect(versionOf({ current, latest, observed: null, health: "failing" })).toBe("2");
		expect(versionOf({ current, latest, observed: null, health: "healthy" })).toBe("1");
		expect(versionOf({ current: null, latest: null, observed: sampleObserved(NOW), health: "healthy" })).toBe("v2.31.0");
	});

	test("a deployment under way counts pods where a cluster tells of them", () => {
		const observed = sampleObserved(NOW, { state: "progressing", updated: 4, ready: 4, available: 4, desired: 6 });
		expect(progressOf(sampleComponent(NOW, { health: "deploying", observed }))).toMatchObject({ words: "Rolling 4/6 pods", share: 4 / 6 });
		const queued = row({ id: "q", status: "queued", finishedAt: null });
		expect(progressOf(sampleComponent(NOW, { health: "deploying", latest: queued }))).toMatchObject({ words: "Queued", share: null });
		expect(progressOf(sampleComponent(NOW))).toBeNull();
	});

	test("a version goes on to the environment that comes next, and nowhere from production", () => {
		const all = ["prod", "dev", "staging"].map((name) => sampleEnvironment(NOW, { name }));
		expect(all.map((one) => nextOf(one, all))).toEqual([null, "staging", "prod"]);
	});
});

describe("the history", () => {
	const page = (rows: DeploymentsPage["rows"], search = ""): DeploymentsPage => ({
		...{ epoch: "e", seq: 1, environments: sampleBoard(NOW), rows, nextCursor: null, hasAny: true },
		filters: readHistoryFilters(new URLSearchParams(search)),
		figures: { n: 0, failureRate: null, medianRestoreMs: null },
	});
	const change = (more: Partial<Change>): Change => ({
		type: "change",
		epoch: "e",
		seq: 2,
		prev: 1,
		at: NOW,
		runs: [],
		tallies: [],
		...more,
	});

	test("what an address says wrongly counts as not said", () => {
		expect(readHistoryFilters(new URLSearchParams("env=prod&status=failed&status=nonsense&component="))).toEqual({
			...{ environment: "prod", component: null, statuses: ["failure"], cursor: null },
		});
	});

	test("news change rows where they stand, and new ones come where their time puts them", () => {
		const [old, newer] = [row({ id: "a", startedAt: NOW - 9000 }), row({ id: "b", startedAt: NOW - 1000 })];
		const { state } = foldDeploymentsPage(page([old]), change({ deployments: [newer, { ...old, status: "failure" }] }));
		expect(state.rows.map(({ id, status }) => [id, status])).toEqual([
			["b", "success"],
			["a", "failure"],
		]);
		expect(state.seq).toBe(2);
	});

	test("what is filtered out does not come in, and what leaves the filter goes", () => {
		const failed = row({ id: "a", status: "failure" });
		const filtered = page([failed], "status=failure");
		expect(withDeployments(filtered, [row({ id: "b" })]).map(({ id }) => id)).toEqual(["a"]);
		expect(withDeployments(filtered, [{ ...failed, status: "success" }])).toEqual([]);
	});

	test("what is older than the end of a list that goes on belongs to a later page", () => {
		const first = { ...page([row({ id: "a", startedAt: NOW - 1000 })]), nextCursor: "x" };
		expect(withDeployments(first, [row({ id: "old", startedAt: NOW - 9999 })]).map(({ id }) => id)).toEqual(["a"]);
	});

	test("a frame that leaves something out asks again; one of a rollback changes its card", () => {
		expect(foldDeploymentsPage(page([]), change({ prev: 7, seq: 8 })).needs).toBe("hello");
		const { state } = foldDeploymentsPage(page([]), change({ rollbacks: [sampleRollback(NOW)] }));
		expect(state.environments.find(({ name }) => name === "prod")?.rollback?.id).toBe("r-9");
		expect(hasNews(change({ environments: ["e-prod"] }), "e-prod")).toBe(true);
		expect(hasNews(change({ environments: ["e-prod"] }), "e-dev")).toBe(false);
		expect(hasNews(change({}))).toBe(false);
	});

	test("the newest attempt of what fails is the row to look at", () => {
		expect([...failingRows(sampleBoard(NOW))]).toEqual(["d-2310"]);
	});

	test("outcomes and times in words", () => {
		expect(outcomeOf({ status: "success", isRollback: true }).word).toBe("Rolled back");
		expect(changeOf(row({ id: "a", isRollback: true, reason: "5xx" }))).toBe("Rolled back: 5xx");
		expect(changeOf(row({ id: "a", status: "failure", reason: "probe failed" }))).toBe("probe failed");
		expect(tookOf(row({ id: "a", status: "running", durationMs: null, startedAt: NOW - 41_000 }), NOW)).toBe("41\u202fs+");
	});

	test("a deployment's verdict says what it did, and that it was taken back", () => {
		const deployment = row({ id: "d-2310", version: "v2.31.0", startedAt: NOW - 600_000, finishedAt: NOW - 540_000 });
		const facts = { deployment, before: row({ id: "b" }), after: null, now: null, rollback: null };
		expect(deploymentVerdict(facts).sentence).toMatch(/^checkout v2\.31\.0 came to prod in .*, replacing v2\.30\.4$/);
		const rollback = sampleRollback(NOW, { state: "succeeded", requestedAt: NOW });
		expect(deploymentVerdict({ ...facts, rollback })).toMatchObject({
			tone: "failing",
			sentence: expect.stringContaining("was rolled back"),
		});
		expect(imageChanges(["a:1", "b:1"], ["a:2", "b:1"])).toEqual(["- image: a:1", "+ image: a:2", "  image: b:1"]);
		expect(imageChanges(["a:1"], ["a:1"])).toEqual([]);
	});
});

describe("a rollback in words", () => {
	test.each([
		["r-pending", "run", "queued for the agent", ["now", "ahead", "ahead", "ahead", "ahead", "ahead"]],
		["r-9", "run", "3 of 6 pods", ["done", "done", "done", "now", "ahead", "ahead"]],
		["r-ok", "ok", "done", ["done", "done", "done", "done", "done", "done"]],
		["r-not", "bad", "pods ready, not recovered", ["done", "done", "done", "done", "done", "ahead"]],
		["r-failed", "bad", "failed", ["done", "done", "done", "stopped", "ahead", "ahead"]],
		["r-expired", "warn", "expired", ["done", "stopped", "ahead", "ahead", "ahead", "ahead"]],
		["r-cancelled", "idle", "cancelled", ["done", "stopped", "ahead", "ahead", "ahead", "ahead"]],
		["r-unknown", "warn", "the agent went silent", ["done", "done", "done", "stopped", "ahead", "ahead"]],
	])("%s: tone %s, %s", (id, tone, stand, marks) => {
		const one = sampleRollbacks(NOW).find((each) => each.id === id)!;
		expect([toneOf(one), standOf(one), stagesOf(one).map(({ mark }) => mark)]).toEqual([tone, stand, marks]);
		expect(sentenceOf(one, NOW)).not.toBe("");
		expect(titleOf(one)).toContain("checkout in prod");
	});

	test("what is over is said aloud once, what goes on is not", () => {
		expect(alertOf(sampleRollback(NOW), NOW)).toBeNull();
		expect(alertOf(sampleRollback(NOW, { state: "failed" }), NOW)).toContain("failed");
	});

	test("what somebody has to do for it to go on is shown, and nothing else the cluster says on the way", () => {
		const message = "1 of 2 pods ready. Kubernetes waits for pod ledger-1. Delete it by hand: kubectl -n shop delete pod ledger-1";
		expect(askedForIn(sampleRollback(NOW, { message }))).toBe(message);
		expect(askedForIn(sampleRollback(NOW, { message: "1 of 2 pods ready." }))).toBeNull();
		expect(askedForIn(sampleRollback(NOW))).toBeNull();
		expect(askedForIn(sampleRollback(NOW, { message, state: "failed" }))).toBeNull();
	});

	test("it can be called off while nothing is decided, and uses up two minutes", () => {
		expect(
			["pending", "claimed", "cancelling", "succeeded"].map((state) => canCancel({ state: state as "pending", applied: false })),
		).toEqual([true, true, false, false]);
		expect(canCancel({ state: "claimed", applied: true })).toBe(false);
		expect(shareOf(sampleRollback(NOW, { requestedAt: NOW - 60_000 }), NOW)).toBe(0.5);
		expect(shareOf(sampleRollback(NOW, { requestedAt: NOW - 900_000 }), NOW)).toBe(1);
	});

	test("the strip stays two minutes after the end, and rehearsals have none", () => {
		const over = (ago: number) => sampleRollback(NOW, { state: "failed", finishedAt: NOW - ago });
		expect([isInStrip(over(60_000), NOW), isInStrip(over(121_000), NOW)]).toEqual([true, false]);
		expect(isInStrip(sampleRollback(NOW, { kind: "dry-run" }), NOW)).toBe(false);
		expect(isUnderWay({ state: "succeeded", recovery: "watching" })).toBe(true);
	});

	test("of two tellings the one that knows more stays, whichever came last", () => {
		const [early, late] = [
			sampleRollback(NOW, { state: "pending", stages: [] }),
			sampleRollback(NOW, { state: "succeeded", recovery: "watching" }),
		];
		expect(newerOf(late, early)).toBe(late);
		expect(newerOf(early, late)).toBe(late);
		const book = createRollbackBook([late]);
		book.put([early, sampleRollback(NOW, { id: "r-10", requestedAt: NOW })]);
		expect(book.all().map(({ id, state }) => [id, state])).toEqual([
			["r-10", "claimed"],
			["r-9", "succeeded"],
		]);
	});
});

describe("asking for one", () => {
	const offer = sampleOffer(NOW);

	test("what changes under it is told by the version, else by what blocks", () => {
		expect(changedUnder(offer, sampleOffer(NOW + 1000))).toBeNull();
		const moved = { ...offer, seen: "d-2311", from: { ...offer.from, version: "v2.31.1" } };
		expect(changedUnder(offer, moved)).toBe("prod changed to v2.31.1 while this was open.");
		expect(changedUnder(offer, { ...offer, blocked: "The agent is away." })).toBe("The agent is away.");
		expect(changedUnder(offer, { ...offer, checks: [{ id: "x", tone: "stop", title: "no", detail: null }] })).toContain(
			"Something changed",
		);
	});

	test("production is typed on a desktop and held on a phone; a red check is always typed; the rest is a button", () => {
		const red = sampleOffer(NOW, { checks: [{ id: "x", tone: "stop", title: "no", detail: null }] });
		const dev = sampleOffer(NOW, { confirm: "button" });
		expect([confirmationOf(offer, false), confirmationOf(offer, true), confirmationOf(red, true), confirmationOf(dev, true)]).toEqual([
			...["word", "hold", "word", "button"],
		]);
		expect([isWord(" PROD ", "prod"), isWord("pro", "prod"), isWord("", "prod")]).toEqual([true, false, false]);
	});

	test("a reason is needed in production where nothing fails, and proposed where something does", () => {
		expect([needsReason(offer), proposedReason(offer)]).toEqual([false, "2 of 6 pods are ready"]);
		const well = sampleOffer(NOW, { from: { ...offer.from, health: "healthy" } });
		expect([needsReason(well), proposedReason(well)]).toEqual([true, ""]);
	});

	test("what stands in the way is said in this order: role, block, nothing to go back to, a red check", () => {
		const may = { refusal: null, mayForce: false };
		expect(whyNotNow({ ...may, offer })).toBeNull();
		expect(whyNotNow({ ...may, refusal: "member only", offer: { ...offer, blocked: "away" } })).toBe("member only");
		expect(whyNotNow({ ...may, offer: { ...offer, blocked: "away", to: null } })).toBe("away");
		expect(whyNotNow({ ...may, offer: { ...offer, to: null } })).toContain("no version");
		expect(whyNotNow({ ...may, offer: { ...offer, needs: "manager" } })).toContain("manager role");
		expect(whyNotNow({ refusal: null, mayForce: true, offer: { ...offer, needs: "manager" } })).toBeNull();
		expect(newKey()).not.toBe(newKey());
	});
});

describe("forms", () => {
	const form = (fields: Record<string, string | string[] | undefined>) => {
		const data = new FormData();
		for (const [name, value] of Object.entries(fields)) for (const one of [value ?? []].flat()) data.append(name, one);
		return data;
	};

	test("a lock has a reason and an end, or none", () => {
		expect(readLock(form({ reason: " freeze ", minutes: "30" }), NOW)).toEqual({ until: NOW + 1_800_000, reason: "freeze" });
		expect(readLock(form({ reason: "freeze", minutes: "" }), NOW).until).toBeNull();
		for (const bad of [{ reason: " " }, { reason: "x", minutes: "0" }, { reason: "x", minutes: "1e9" }, { reason: "x".repeat(301) }]) {
			expect(() => readLock(form(bad), NOW)).toThrow();
		}
	});

	test("settings: a box that is not ticked is off", () => {
		expect(readSettings(form({ goodMinutes: "15", drills: "on" }))).toEqual({
			...{ goodMinutes: 15, isProduction: false, autoRollback: false, needsApprover: false, drills: true },
		});
		expect(() => readSettings(form({ goodMinutes: "x" }))).toThrow();
	});

	test("freeze windows, weekly and once, in UTC; at most twenty", () => {
		const weekly = { kind: "weekly", day: ["5", "5", "9"], fromTime: "16:00", toTime: "23:59", reason: "weekend" };
		const window = readFreeze(form(weekly));
		expect(window).toEqual({ kind: "weekly", days: [5], fromMinute: 960, toMinute: 1439, reason: "weekend" });
		expect(readFreeze(form({ kind: "once", from: "2026-12-24T00:00", to: "2026-12-27T00:00", reason: "holidays" }))).toMatchObject({
			from: Date.UTC(2026, 11, 24),
		});
		for (const bad of [
			{ ...weekly, day: [] },
			{ ...weekly, reason: "" },
			{ ...weekly, toTime: "16:00" },
			{ kind: "once", from: "x", to: "y", reason: "z" },
		]) {
			expect(() => readFreeze(form(bad))).toThrow();
		}
		expect(() =>
			withFreeze(
				Array.from({ length: 20 }, () => window),
				window,
			),
		).toThrow();
	});

	test("bindings are a line each and read back as written; a line without an environment is refused later, not lost", () => {
		const bindings = readBindings("shop = prod\n\n * = staging \nlost");
		expect(bindings).toEqual([
			{ namespace: "shop", environment: "prod" },
			{ namespace: "*", environment: "staging" },
			{ namespace: "lost", environment: "" },
		]);
		expect(readBindings(writeBindings(bindings.slice(0, 2)))).toEqual(bindings.slice(0, 2));
	});

	test("verbs are listed exactly, and patch on a workload is what rolls back", () => {
		const verbs = [
			{ namespace: "shop", resource: "deployments", verbs: ["get", "patch"] },
			{ namespace: "shop", resource: "pods", verbs: ["get"] },
			{ namespace: "", resource: "nodes", verbs: ["list"] },
		];
		expect(verbsByNamespace(verbs)).toEqual([
			{ namespace: "", lines: ["nodes: list"], canRollBack: false },
			{ namespace: "shop", lines: ["deployments: get, patch", "pods: get"], canRollBack: true },
		]);
		const bindings = [{ namespace: "shop" }, { namespace: "*" }];
		const command = installCommand({ origin: "https://ops.example", cluster: "eks", token: "opst_x", bindings });
		expect(command).toMatch(/^kubectl apply -f - <<'OPSSIGHT'\n[\s\S]*opst_x[\s\S]*\nOPSSIGHT$/);
		expect(command).toContain("patch workloads in: shop.");
	});
});
