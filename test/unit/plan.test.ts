// What a rollback returns to: a table of situations, each with what is chosen and why the others are not.
import { describe, expect, test } from "vitest";
import { type PastVersion, type PlanInput, planRollback } from "#worker/domains/deployments/plan";
import type { Revision } from "#worker/wire/agent";
import type { DeploymentStatus, Hold } from "#worker/wire/deployments";

const MIN = 60_000;
const NOW = 1_000_000 * MIN;

type Past = { v: string; at: number; is?: DeploymentStatus; rev?: number | null; back?: boolean; seen?: PastVersion["seen"]; id?: string };

const revision = (n: number): Revision => ({
	...{ revision: n, hash: `hash${n}`, images: [`shop/checkout:${n}`], createdAt: NOW - 1000 * MIN + n, changeCause: null, label: null },
});

/** Attempts, newest first; `at` is minutes ago, `rev` the revision it is (null: gone). */
function history(...past: Past[]): PastVersion[] {
	return past.map(({ v, at, is = "success", rev, back = false, seen = null, id }) => ({
		deployment: {
			...{ id: id ?? `d-${v}-${at}`, version: v, commit: null, status: is, actor: null, isRollback: back },
			...{ startedAt: NOW - at * MIN, finishedAt: is === "running" ? null : NOW - at * MIN + 1000, orderedAt: NOW - at * MIN },
		},
		images: [],
		revision: rev === null || rev === undefined ? null : revision(rev),
		seen,
	}));
}

const running = (rev: number, isComplete = false) => ({
	...{ revision: rev, hash: `hash${rev}`, state: isComplete ? ("healthy" as const) : ("degraded" as const), isComplete },
});
const hold = (version: string, minutes: number): Hold => ({
	...{ id: "h", component: "checkout", version, commit: null, rollbackId: null, by: { id: "u", name: "Maya" }, at: NOW, reason: null },
	until: NOW + minutes * MIN,
});
const plan = (input: Partial<PlanInput> & { history: PastVersion[] }) =>
	planRollback({ running: running(3), holds: [], goodMinutes: 15, now: NOW, ...input });

const CASES: [string, Parameters<typeof plan>[0], { from?: string; to: string } | { no: string }][] = [
	["nothing was ever deployed", { history: [] }, { no: "nothingRan" }],
	["there is nothing before", { history: history({ v: "1", at: 9, rev: 3 }) }, { no: "nothingBefore" }],
	[
		"the one before failed deployment is what ran well",
		{ history: history({ v: "3", at: 5, is: "failure", rev: 3 }, { v: "2", at: 60, rev: 2 }, { v: "1", at: 900, rev: 1 }) },
		{ from: "3", to: "2" },
	],
	[
		"a version that ran for two minutes is passed over for one that ran for hours",
		{ history: history({ v: "3", at: 5, is: "failure", rev: 3 }, { v: "2", at: 7, rev: 2 }, { v: "1", at: 900, rev: 1 }) },
		{ to: "1" },
	],
	[
		"where none ran long enough, the newest that succeeded",
		{ history: history({ v: "3", at: 5, is: "failure", rev: 3 }, { v: "2", at: 7, rev: 2 }, { v: "1", at: 9, rev: 1 }) },
		{ to: "2" },
	],
	[
		"what the cluster saw run well counts, whatever was told",
		{
			history: history(
				{ v: "3", at: 1, is: "failure", rev: 3 },
				{ v: "2", at: 2, rev: 2, seen: { healthyFrom: NOW - 90 * MIN, healthyUntil: NOW - 2 * MIN, failedAt: null } },
				{ v: "1", at: 900, rev: 1 },
			),
		},
		{ to: "2" },
	],
	[
		"a version that the cluster saw fail and never saw well did not run well",
		{
			history: history(
				{ v: "3", at: 5, is: "failure", rev: 3 },
				{ v: "2", at: 500, rev: 2, seen: { healthyFrom: null, healthyUntil: null, failedAt: NOW } },
				{ v: "1", at: 900, rev: 1 },
			),
		},
		{ to: "1" },
	],
	[
		"failed ones in between are no choice",
		{
			history: history({ v: "4", at: 3, is: "failure", rev: 3 }, { v: "3", at: 5, is: "failure", rev: null }, { v: "2", at: 60, rev: 2 }),
		},
		{ from: "4", to: "2" },
	],
	[
		"a held version is passed over",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }, { v: "1", at: 900, rev: 1 }), holds: [hold("2", 10)] },
		{ to: "1" },
	],
	[
		"a hold whose time is over holds nothing",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }), holds: [hold("2", -1)] },
		{ to: "2" },
	],
	[
		"a revision that is gone can't be returned to",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: null }, { v: "1", at: 900, rev: 1 }) },
		{ to: "1" },
	],
	[
		"and if all are gone, it says so",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: null }) },
		{ no: "revisionGone" },
	],
	[
		"a deployment that failed before it reached the cluster leaves nothing to undo",
		{
			history: history({ v: "3", at: 5, is: "failure" }, { v: "2", at: 60, rev: 2 }, { v: "1", at: 900, rev: 1 }),
			running: running(2, true),
		},
		{ no: "alreadyRunning" },
	],
	[
		"unless somebody chooses where to go: then it is from what runs",
		{
			history: history({ v: "3", at: 5, is: "failure" }, { v: "2", at: 60, rev: 2 }, { v: "1", at: 900, rev: 1 }),
			...{ running: running(2, true), to: "d-1-900" },
		},
		{ from: "2", to: "1" },
	],
	[
		"the second rollback does not go back to what the first one left",
		{
			history: history(
				{ v: "1", at: 1, rev: 4, back: true },
				{ v: "2", at: 90, rev: 2 },
				{ v: "1", at: 900, rev: 4 },
				{ v: "0", at: 9000, rev: 3 },
			),
			running: running(4, true),
		},
		{ from: "1", to: "0" },
	],
	[
		"nor when the hold is over, as long as there is another",
		{
			history: history({ v: "1", at: 60, rev: 4, back: true }, { v: "2", at: 9000, rev: 2 }, { v: "1", at: 90_000, rev: 4 }),
			running: running(4, true),
		},
		{ no: "nothingBefore" },
	],
	[
		"to undo a rollback is a choice that somebody makes",
		{
			history: history({ v: "1", at: 60, rev: 4, back: true }, { v: "2", at: 9000, rev: 2 }, { v: "1", at: 90_000, rev: 4 }),
			...{ running: running(4, true), to: "d-2-9000" },
		},
		{ from: "1", to: "2" },
	],
	[
		"a rollback that expired left the failing version where it was",
		{
			history: history(
				{ v: "1", at: 2, is: "cancelled", back: true, rev: 1 },
				{ v: "2", at: 5, is: "failure", rev: 3 },
				{ v: "1", at: 900, rev: 1 },
			),
		},
		{ from: "2", to: "1" },
	],
	[
		"one that was carried out and did not come up is what fails now",
		{
			history: history(
				{ v: "1", at: 2, is: "failure", back: true, rev: 3 },
				{ v: "2", at: 5, is: "failure", rev: 2 },
				{ v: "1", at: 500, rev: 3 },
				{ v: "0", at: 900, rev: 1 },
			),
		},
		{ from: "1", to: "0" },
	],
	[
		"a cancelled deployment is none",
		{ history: history({ v: "3", at: 2, is: "cancelled" }, { v: "2", at: 5, rev: 3 }, { v: "1", at: 900, rev: 1 }) },
		{ from: "2", to: "1" },
	],
	[
		"two templates of one version are told apart by their revisions",
		{ history: history({ v: "1", at: 5, is: "failure", rev: 3 }, { v: "1", at: 900, rev: 2 }) },
		{ from: "1", to: "1" },
	],
	[
		"without an agent a version is named, and no revision",
		{ history: history({ v: "3", at: 5, is: "failure" }, { v: "2", at: 60 }), running: null },
		{ to: "2" },
	],
	[
		"what is chosen is unknown",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }), to: "nobody" },
		{ no: "unknown" },
	],
	[
		"what is chosen is what fails",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }), to: "d-3-5" },
		{ no: "alreadyRunning" },
	],
	[
		"what is chosen never succeeded",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, is: "failure", rev: 2 }), to: "d-2-60" },
		{ no: "neverSucceeded" },
	],
	[
		"what is chosen runs completely",
		{ history: history({ v: "3", at: 5, rev: null }, { v: "2", at: 60, rev: 3 }), running: running(3, true), to: "d-2-60" },
		{ no: "alreadyRunning" },
	],
	[
		"what is chosen is gone",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: null }), to: "d-2-60" },
		{ no: "revisionGone" },
	],
	[
		"an older deployment of a version means that version",
		{ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }, { v: "2", at: 600, rev: 2 }), to: "d-2-600" },
		{ to: "2" },
	],
];

describe("what a rollback returns to", () => {
	test.each(CASES)("%s", (_what, input, expected) => {
		const made = plan(input);
		if ("no" in expected) expect(made).toMatchObject({ ok: false, reason: expected.no });
		else {
			expect(made).toMatchObject({ ok: true, to: { deployment: { version: expected.to } } });
			if (expected.from) expect(made.from?.deployment.version).toBe(expected.from);
		}
	});

	test("a held version may be chosen all the same, and the plan says that it is held", () => {
		const made = plan({ history: history({ v: "3", at: 5, rev: 3 }, { v: "2", at: 60, rev: 2 }), holds: [hold("2", 10)], to: "d-2-60" });
		expect(made).toMatchObject({ ok: true, hold: { id: "h" } });
	});

	test("the others are listed with why not, each version once", () => {
		const made = plan({
			history: history(
				{ v: "5", at: 5, is: "failure", rev: 3 },
				{ v: "4", at: 60, rev: 2 },
				{ v: "3", at: 90, is: "failure" },
				{ v: "2", at: 600, rev: null },
				{ v: "4", at: 900, rev: 2 },
			),
			holds: [hold("4", 10)],
		});
		expect(made.choices.map(({ version, isEligible, why }) => [version, isEligible, why])).toEqual([
			["4", false, "Maya rolled it back; it is held for 10 min more."],
			["3", false, "3 was never deployed successfully."],
			["2", false, "The cluster no longer has a revision that is 2."],
		]);
		expect(made).toMatchObject({ ok: false, reason: "revisionGone" });
	});

	test("how long a version ran is said as people say it", () => {
		const made = plan({ history: history({ v: "2", at: 5, is: "failure", rev: 3 }, { v: "1", at: 3125, rev: 1 }) });
		expect(made.ok && made.card).toMatchObject({ version: "1", ran: "ran 2 d 4 h", revision: 1, images: ["shop/checkout:1"] });
		expect(made.ok && made.hasRunWell).toBe(true);
	});

	test("twenty thousand histories never lead to what is held, gone, failed, or what fails", () => {
		let seed = 7;
		const random = (n: number) => {
			seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
			return seed % n;
		};
		const statuses: DeploymentStatus[] = ["success", "success", "failure", "cancelled", "running"];
		for (let n = 0; n < 20_000; n++) {
			const past = Array.from({ length: 1 + random(6) }, (_, at): Past => {
				const rev = random(5);
				return { v: `${random(4)}`, at: at * 20 + 1, is: statuses[random(5)]!, rev: rev === 0 ? null : rev, back: random(5) === 0 };
			});
			const holds = random(3) === 0 ? [hold(`${random(4)}`, 5)] : [];
			const made = plan({ history: history(...past), running: running(1 + random(4), random(2) === 0), holds });
			if (!made.ok) continue;
			const { to } = made;
			expect(to.deployment.status).toBe("success");
			expect(to.revision).not.toBeNull();
			expect(holds.some(({ version }) => version === to.deployment.version)).toBe(false);
			const isFrom = to.deployment.version === made.from.deployment.version && to.revision?.hash === made.from.revision?.hash;
			expect(isFrom).toBe(false);
		}
	});
});
