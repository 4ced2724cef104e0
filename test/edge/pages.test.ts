// What the pages read: pipelines against brute force, run reports, integrations through their doors, dead deliveries, the demo.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import { toRow } from "#worker/domains/runs/model";
import { foldPipelines, isListed, type Pipelines, type PipelinesView, RUNS_PER_PAGE } from "#worker/domains/runs/pipelines";
import { readNames, readPipelines, readWorkflows } from "#worker/domains/runs/pipelines.server";
import { readRunPanel, readRunReport } from "#worker/domains/runs/report.server";
import { listRuns } from "#worker/domains/runs/store.server";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, tallyOf, totalOf } from "#worker/domains/runs/tally";
import { byNeed, coursePoint, coursePoints, LAST_RUNS, type WorkflowSummary } from "#worker/domains/runs/workflows";
import { ingest } from "#worker/pipeline/hand-over";
import type { Delivery } from "#worker/wire/delivery";
import type { NormalEvent, RunStatus } from "#worker/wire/events";
import type { Change, RunRow } from "#worker/wire/live";
import { getJson, ledgerOf, makeTeam, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

const db = () => openDatabase(env.DB);
const STATUSES: RunStatus[] = ["success", "success", "success", "failure", "cancelled", "running", "queued"];

let serial = 0;
const deliver = (events: NormalEvent[], integrationId = "i"): Delivery => ({
	...{ source: "github", integrationId, deliveryId: `d${++serial}`, bodyHash: `h${serial}`, event: "workflow_run", receivedAt: Date.now() },
	...{ events, ignored: null, body: null, bodyAt: "none", strict: false },
});

/** A run among 7 repositories with 4 workflows each, over 40 days; every ninth has no duration, many share one. */
function runEvent(n: number, now: number): NormalEvent {
	const status = STATUSES[(n * 7 + (n >> 3)) % STATUSES.length]!;
	const isOver = status !== "running" && status !== "queued";
	const startedAt = now - Math.floor((n * 7919) % (40 * 24 * 60)) * 60_000 - 60_000;
	const durationMs = isOver && n % 9 !== 0 ? (1 + ((n * 31) % 40)) * 1000 : null;
	return {
		...{ type: "run", id: `r-${n}`, source: "github", externalId: `${n}`, attempt: 1, repo: `acme/r${n % 7}`, workflow: `w${n % 4}` },
		...{ branch: n % 5 ? "main" : "Feat/Ä", commit: `c${n}`, triggeredBy: "push", actor: n % 2 ? "mruiz" : "JLee", url: null, status },
		...{ conclusionRaw: status, startedAt, finishedAt: isOver ? startedAt + (durationMs ?? 0) : null, durationMs },
		...{ updatedAt: startedAt + 60_000, coverage: null, error: null, meta: {} },
	};
}

const base: PipelinesView = {
	...{ from: Date.now() - 7 * DAY_MS, to: null, groupBy: "day", repos: [], workflows: [], statuses: [], q: "", after: null },
	...{ workflowsShown: 200, sort: { by: "started", isDescending: true } },
};

/** Every run of a team, as the list would show it. */
async function allRows(team: TestTeam): Promise<RunRow[]> {
	return (await listRuns(db(), team.id, { limit: 10_000 })).map(toRow);
}

function summariesOf(rows: readonly RunRow[], page: Pipelines): WorkflowSummary[] {
	const { view, span } = page;
	const found = new Map<string, WorkflowSummary>();
	for (const run of rows) {
		if (view.repos.length > 0 && !view.repos.includes(run.repo)) continue;
		if (view.workflows.length > 0 && !view.workflows.includes(run.workflow)) continue;
		const key = `${run.repo}\n${run.workflow}`;
		const course = Array.from({ length: coursePoints(span) }, emptyTally);
		const summary = found.get(key) ?? { repo: run.repo, workflow: run.workflow, tally: emptyTally(), course, last: [] };
		found.set(key, summary);
		// `rows` come newest first.
		if (summary.last.length < LAST_RUNS) summary.last.push({ id: run.id, status: run.status, orderedAt: run.orderedAt });
		const hour = bucketStart(run.orderedAt, "hour");
		if (hour < view.from || (view.to !== null && hour >= view.to)) continue;
		addTally(summary.tally, tallyOf(run));
		addTally(summary.course[coursePoint(span, hour)]!, tallyOf(run));
	}
	return [...found.values()].filter(({ tally }) => totalOf(tally) > 0).sort(byNeed);
}

describe("pipelines", () => {
	let team: TestTeam;
	let rows: RunRow[];
	beforeAll(async () => {
		team = await makeTeam();
		const now = Date.now();
		const all = Array.from({ length: 600 }, (_, n) => deliver([runEvent(n, now)]));
		for (let at = 0; at < all.length; at += 100) await ingest(env, team.id, all.slice(at, at + 100));
		const other = await makeTeam();
		await ingest(env, other.id, [deliver([{ ...runEvent(1, now), id: "foreign", repo: "foreign/repo" } as NormalEvent])]);
		rows = await allRows(team);
		expect(rows).toHaveLength(600);
	});

	test.each<[string, Partial<PipelinesView>]>([
		["24 hours", { from: Date.now() - DAY_MS }],
		["7 days", {}],
		["30 days", { from: Date.now() - 30 * DAY_MS }],
		["a closed range", { from: Date.now() - 20 * DAY_MS, to: Date.now() - 5 * DAY_MS }],
		["one repository", { repos: ["acme/r3"] }],
		["two workflows of two repositories", { repos: ["acme/r3", "acme/r4"], workflows: ["w1", "w2"] }],
		["failed runs", { statuses: ["failure"] }],
		["a text in any case", { q: "JLEE" }],
		["a name nobody has", { repos: ["acme/none"] }],
	])("%s: workflows and runs equal brute force", async (_what, more) => {
		const page = await readPipelines(db(), team.id, { ...base, ...more }, Date.now());
		const expected = summariesOf(rows, page);
		expect(page.workflows).toEqual(expected);
		expect(page.workflowsTotal).toBe(expected.length);
		const listed = rows.filter((run) => isListed(page.view, run));
		expect(page.runs).toEqual(listed.slice(0, RUNS_PER_PAGE));
		expect(page.nextCursor === null).toBe(listed.length <= RUNS_PER_PAGE);
	});

	test("only the worst are shown when there are many, and the number of all is told", async () => {
		const all = await readPipelines(db(), team.id, base, Date.now());
		const few = await readPipelines(db(), team.id, { ...base, workflowsShown: 5 }, Date.now());
		expect(few.workflows).toEqual(all.workflows.slice(0, 5));
		expect(few.workflowsTotal).toBe(28);
		expect((await readWorkflows(db(), team.id, base, { limit: 3, now: Date.now() })).workflows).toEqual(all.workflows.slice(0, 3));
	});

	const orders: [string, PipelinesView["sort"], (a: RunRow, b: RunRow) => number][] = [
		["newest first", { by: "started", isDescending: true }, (a, b) => b.orderedAt - a.orderedAt || (a.id < b.id ? 1 : -1)],
		["oldest first", { by: "started", isDescending: false }, (a, b) => a.orderedAt - b.orderedAt || (a.id < b.id ? -1 : 1)],
		["longest first", { by: "duration", isDescending: true }, (a, b) => byDuration(a, b, -1)],
		["shortest first", { by: "duration", isDescending: false }, (a, b) => byDuration(a, b, 1)],
	];
	function byDuration(a: RunRow, b: RunRow, sign: 1 | -1): number {
		if (a.durationMs === null || b.durationMs === null) {
			if (a.durationMs !== b.durationMs) return a.durationMs === null ? 1 : -1;
			return sign * (a.id < b.id ? -1 : 1);
		}
		return sign * (a.durationMs - b.durationMs || (a.id < b.id ? -1 : 1));
	}
	test.each(orders)("paging %s shows every run once, in order", async (_what, sort, compare) => {
		const seen: RunRow[] = [];
		const view = { ...base, from: Date.now() - 30 * DAY_MS, sort };
		let after: string | null = null;
		let page: Pipelines;
		do {
			page = await readPipelines(db(), team.id, { ...view, after }, Date.now());
			seen.push(...page.runs);
			after = page.nextCursor;
		} while (after !== null && seen.length < 1000);
		expect(seen.map(({ id }) => id)).toEqual(
			rows
				.filter((run) => isListed(page.view, run))
				.sort(compare)
				.map(({ id }) => id),
		);
	});

	test("a cursor of another order and a range that can't be answered are refused", async () => {
		const { nextCursor } = await readPipelines(db(), team.id, { ...base, from: Date.now() - 30 * DAY_MS }, Date.now());
		const other = { ...base, after: nextCursor, sort: { by: "duration", isDescending: true } as const };
		await expect(readPipelines(db(), team.id, other, Date.now())).rejects.toMatchObject({ code: "invalid" });
		await expect(readPipelines(db(), team.id, { ...base, from: 0 }, Date.now())).rejects.toMatchObject({ code: "invalid" });
	});

	test("the names for the filters, without anybody else's", async () => {
		const names = await readNames(db(), team.id);
		expect(names).toHaveLength(28);
		expect(names[0]).toEqual({ repo: "acme/r0", workflow: "w0" });
		expect(new Set(names.map(({ repo }) => repo)).size).toBe(7);
		expect(await readNames(db(), (await makeTeam()).id)).toEqual([]);
	});

	test("folding what the ledger tells equals reading anew, with the reason of a failure that its job knows", async () => {
		const own = await makeTeam();
		const now = Date.now();
		await ingest(
			env,
			own.id,
			Array.from({ length: 60 }, (_, n) => deliver([runEvent(n, now)])),
		);
		// All of them lie in the range: a workflow's first run of it is the one thing a frame can't tell whole.
		const view = { ...base, from: now - 41 * DAY_MS };
		let state = await readPipelines(db(), own.id, view, now);
		const since = { epoch: state.epoch, seq: state.seq };
		for (let n = 0; n < 20; n++)
			await ingest(env, own.id, [deliver([{ ...runEvent(n, now), attempt: 2, startedAt: now - n * 1000 } as NormalEvent])]);
		await sendGitHub(
			own,
			"workflow_run",
			workflowRun({ id: 1, conclusion: "failure", repo: "acme/r0", workflow: "w0", startedAt: now - HOUR_MS }),
		);
		await sendGitHub(own, "workflow_job", failedJob({ id: 5, runId: 1, startedAt: now - HOUR_MS }));
		const { frames } = (await ledgerOf(own).changes(own.id, since)) as unknown as { frames: Change[] };
		for (const frame of frames) {
			const folded = foldPipelines(state, frame);
			expect(folded.needs).toBe("nothing");
			state = folded.state;
		}
		const fresh = await readPipelines(db(), own.id, view, now);
		expect(state).toEqual(fresh);
		expect(fresh.runs.find(({ id }) => id === "github-77-1")?.error).toBe("unit: Unit tests");
	});
});

describe("one run", () => {
	test("its report: jobs, attempts, peers of its workflow, and their steps", async () => {
		const own = await makeTeam();
		const now = Date.now();
		const send = async (id: number, seconds: number, more: object = {}) => {
			const startedAt = now - (100 - id) * 60_000;
			await sendGitHub(own, "workflow_run", workflowRun({ id, startedAt, updatedAt: startedAt + seconds * 1000, ...more }));
		};
		for (let id = 1; id <= 60; id++) await send(id, id);
		await send(61, 900, { workflow: "other" });
		await send(62, 5, { status: "in_progress" });
		await send(60, 700, { attempt: 2, conclusion: "failure" });
		await sendGitHub(own, "workflow_job", failedJob({ id: 5, runId: 60, startedAt: now - 60_000, attempt: 2 }));
		const report = await readRunReport(db(), own.id, "github-77-60");
		expect(report).toMatchObject({ seq: 64, run: { attempt: 2, failedStep: "unit: Unit tests" }, attempts: [{ attempt: 1 }] });
		expect(report?.jobs.map(({ name }) => name)).toEqual(["unit"]);
		// Runs 10 to 59: the newest fifty finished ones beside it.
		expect(report?.peers).toEqual({ n: 50, p50Ms: 34_500, p95Ms: 56_550 });
		expect(report?.steps.mostFailed).toEqual([{ job: "unit", step: "Unit tests", n: 1, failures: 1, p50Ms: 20_000, p95Ms: 20_000 }]);
		const { run, attempts, jobs, peers } = report!;
		expect(await readRunPanel(db(), own.id, "github-77-60")).toEqual({ run, attempts, jobs, peers });
		expect((await readRunReport(db(), own.id, "github-77-61"))?.peers).toEqual({ n: 0, p50Ms: null, p95Ms: null });
	});

	test("nobody else's, and none that is not there", async () => {
		const [own, other] = [await makeTeam(), await makeTeam()];
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		expect(await readRunReport(db(), own.id, "github-77-1")).not.toBeNull();
		expect(await readRunReport(db(), other.id, "github-77-1")).toBeNull();
		expect(await readRunPanel(db(), other.id, "github-77-1")).toBeNull();
		expect(await readRunPanel(db(), own.id, "nothing")).toBeNull();
	});
});

/** A failed workflow_job as GitHub sends it, as small as it may be. */
function failedJob({ id, runId, startedAt, attempt = 1 }: { id: number; runId: number; startedAt: number; attempt?: number }) {
	const iso = (at: number) => new Date(at).toISOString();
	const times = { started_at: iso(startedAt), completed_at: iso(startedAt + 20_000) };
	return {
		action: "completed",
		workflow_job: {
			...{ id, run_id: runId, run_attempt: attempt, name: "unit", workflow_name: "w0", head_branch: "main", head_sha: "a".repeat(40) },
			...{ status: "completed", conclusion: "failure", created_at: iso(startedAt - 5000), ...times, labels: [], runner_name: "r1" },
			steps: [
				{ name: "Set up job", status: "completed", conclusion: "success", number: 1, ...times },
				{ name: "Unit tests", status: "completed", conclusion: "failure", number: 2, ...times },
			],
		},
		repository: { id: 77, full_name: "acme/r0" },
		sender: { login: "mruiz" },
	};
}

test("the list of the API tells the same reason", async () => {
	const own = await makeTeam();
	const now = Date.now();
	await sendGitHub(own, "workflow_job", failedJob({ id: 5, runId: 1, startedAt: now - HOUR_MS }));
	await sendGitHub(
		own,
		"workflow_run",
		workflowRun({ id: 1, conclusion: "failure", repo: "acme/r0", workflow: "w0", startedAt: now - HOUR_MS }),
	);
	expect((await getJson<{ runs: { error: string }[] }>(own, "/api/runs")).body.runs[0]?.error).toBe("unit: Unit tests");
});
