// What the pages read: pipelines against brute force, run reports, integrations through their doors, dead deliveries, the demo.
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "#worker/dev/faults";
import { listDeployments } from "#worker/domains/deployments/store.server";
import { listEnvironments } from "#worker/domains/environments/store.server";
import { rotateSecret } from "#worker/domains/integrations/actions.server";
import { readDead, readIntegrations } from "#worker/domains/integrations/report.server";
import { toRow } from "#worker/domains/runs/model";
import { totalTally } from "#worker/domains/runs/overview";
import { foldPipelines, isListed, type Pipelines, type PipelinesView, RUNS_PER_PAGE } from "#worker/domains/runs/pipelines";
import { readNames, readPipelines, readWorkflows } from "#worker/domains/runs/pipelines.server";
import { readRunPanel, readRunReport } from "#worker/domains/runs/report.server";
import { listRuns, readOverview } from "#worker/domains/runs/store.server";
import { readStreaks } from "#worker/domains/runs/streaks.server";
import { addTally, bucketStart, DAY_MS, emptyTally, HOUR_MS, tallyOf, totalOf } from "#worker/domains/runs/tally";
import { byNeed, coursePoint, coursePoints, LAST_RUNS, type WorkflowSummary } from "#worker/domains/runs/workflows";
import { ingest } from "#worker/pipeline/hand-over";
import { WorkflowListBody } from "#worker/wire/api";
import type { Delivery } from "#worker/wire/delivery";
import type { NormalEvent, RunStatus } from "#worker/wire/events";
import type { Change, RunRow } from "#worker/wire/live";
import { deployed, tell } from "../support/deployments.ts";
import { ask, getJson, hmacHex, ledgerOf, makeTeam, ORIGIN, SECRET, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

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

	test("a range inside hours lists the runs of those hours on both pages, as the figures count them", async () => {
		const own = await makeTeam();
		const now = Date.now();
		const hour = bucketStart(now, "hour") - 5 * HOUR_MS;
		const minutes = [-1, 1, 20, 59, 61];
		const told = (minute: number, n: number) => deliver([{ ...runEvent(n, now), startedAt: hour + minute * 60_000 } as NormalEvent]);
		await ingest(env, own.id, minutes.map(told));
		const view = { ...base, from: hour + 10 * 60_000, to: hour + 30 * 60_000, groupBy: "hour" as const };
		const overview = await readOverview(db(), own.id, view, now);
		const pipelines = await readPipelines(db(), own.id, view, now);
		expect(totalOf(totalTally(overview.buckets))).toBe(3);
		for (const page of [overview, pipelines]) {
			expect(page.view).toMatchObject({ from: hour, to: hour + HOUR_MS });
			expect(page.runs.map(({ id }) => id)).toEqual(["r-3", "r-2", "r-1"]);
		}
	});

	test("what fails now is counted over finished runs, whatever ran since and whatever else failed", async () => {
		const own = await makeTeam();
		const now = Date.now();
		const told = (n: number, workflow: string, status: RunStatus) =>
			deliver([{ ...runEvent(n, now), repo: "acme/r", workflow, status, startedAt: now - n * 60_000 } as NormalEvent]);
		const statuses: RunStatus[] = [...Array.from({ length: 12 }, () => "running" as const), "failure", "cancelled", "failure", "success"];
		const busy = statuses.map((status, n) => told(n, "busy", status));
		const long = Array.from({ length: 60 }, (_, n) => told(100 + n, "long", "failure"));
		await ingest(env, own.id, [...busy, ...long, told(300, "fine", "success"), told(301, "fine", "failure")]);
		const { list } = await readStreaks(db(), own.id, base, now);
		expect(list.map(({ workflow, failed }) => [workflow, failed.length])).toEqual([
			["long", 51],
			["busy", 2],
		]);
		expect(list[1]?.failed.map(({ id }) => id)).toEqual(["r-12", "r-14"]);
		expect((await readStreaks(db(), own.id, { ...base, workflows: ["busy"] }, now)).list).toHaveLength(1);
		expect((await readStreaks(db(), own.id, base, now + 3 * DAY_MS)).list).toEqual([]);
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

describe("integrations", () => {
	const asAdmin = (team: TestTeam) => ({ cookie: team.sessions.admin, origin: ORIGIN });
	const call = async (path: string, method: string, headers: Record<string, string>, body?: unknown) => {
		const init = { method, headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) } };
		const answer = await ask(path, body === undefined ? init : { ...init, body: JSON.stringify(body) });
		const text = await answer.text();
		return { status: answer.status, body: (text === "" ? null : JSON.parse(text)) as Record<string, never> };
	};
	const reportOf = async (team: TestTeam, id: string) =>
		(await readIntegrations(db(), team.id, Date.now())).find((report) => report.id === id);

	test("of one source have names of their own in a team", async () => {
		const team = await makeTeam();
		const admin = asAdmin(team);
		const add = (source: string, name: string, of = team) => call("/api/integrations", "POST", asAdmin(of), { source, name });
		const first = await add("gitlab", "Shop");
		const second = await add("gitlab", "Till");
		const refusal = { status: 422, body: { error: { fields: { name: expect.stringContaining("called Shop already") } } } };
		expect([first.status, second.status]).toEqual([201, 201]);
		expect(await add("gitlab", " Shop ")).toMatchObject(refusal);
		expect((await add("generic", "Shop")).status).toBe(201);
		expect((await add("gitlab", "Shop", await makeTeam())).status).toBe(201);
		const idOf = ({ body }: typeof first) => (body as unknown as { id: string }).id;
		expect(await call(`/api/integrations/${idOf(second)}`, "PATCH", admin, { name: "Shop" })).toMatchObject(refusal);
		// Its own name is nobody else's.
		expect((await call(`/api/integrations/${idOf(first)}`, "PATCH", admin, { name: "Shop" })).status).toBe(200);
		expect((await call("/api/integrations/none", "PATCH", admin, { name: "Shop" })).status).toBe(404);
	});

	test("are connected, deliver, change their secret, are switched off and on, and go", async () => {
		const team = await makeTeam();
		const admin = asAdmin(team);
		const created = await call("/api/integrations", "POST", admin, { source: "github", name: "  Shop  " });
		expect(created).toMatchObject({ status: 201, body: { name: "Shop", source: "github", old_expires_at: null } });
		const { id, path, secret } = created.body as unknown as { id: string; path: string; secret: string };
		expect(path).toBe(`/webhooks/github/${id}`);
		expect(await reportOf(team, id)).toMatchObject({
			lastAt: null,
			perHour: null,
			lagMs: null,
			secretSlots: [{ slot: 0, expiresAt: null }],
		});

		const own = { ...team, webhooks: { github: { path, secret } } };
		let run = 0;
		const send = (with_: string) =>
			sendGitHub(own, "workflow_run", workflowRun({ id: ++run, updatedAt: Date.now() - 7000 }), { secret: with_ });
		expect((await send(secret)).status).toBe(202);
		expect((await send("wrong")).status).toBe(401);
		const report = await reportOf(team, id);
		expect(report).toMatchObject({ counts: { accepted: 1 }, lastEvent: "workflow_run", perHour: 1, isDisabled: false });
		expect(report?.lagMs).toBeGreaterThanOrEqual(7000);
		expect(report?.lastAt).not.toBeNull();

		const rotated = await call(`/api/integrations/${id}/rotate`, "POST", admin);
		const next = (rotated.body as unknown as { secret: string }).secret;
		expect(rotated.status).toBe(200);
		expect(next).not.toBe(secret);
		for (const each of [secret, next]) expect((await send(each)).status).toBe(202);
		const slots = (await reportOf(team, id))?.secretSlots;
		expect(slots).toMatchObject([{ slot: 1, expiresAt: null }, { slot: 0 }]);
		expect(slots?.[1]?.expiresAt).toBeGreaterThan(Date.now() + 23 * HOUR_MS);
		// A second rotation ends the grace period of the first secret.
		const third = ((await call(`/api/integrations/${id}/rotate`, "POST", admin)).body as unknown as { secret: string }).secret;
		expect((await send(secret)).status).toBe(401);
		for (const each of [next, third]) expect((await send(each)).status).toBe(202);

		expect(await call(`/api/integrations/${id}`, "PATCH", admin, { disabled: true, name: "Old shop" })).toMatchObject({
			status: 200,
			body: { disabled: true, name: "Old shop" },
		});
		const refused = await send(third);
		expect(refused.status).toBe(403);
		expect(await refused.text()).toContain("switched off");
		expect((await send("wrong")).status).toBe(401);
		expect((await call(`/api/integrations/${id}`, "PATCH", admin, { disabled: false })).status).toBe(200);
		expect((await send(third)).status).toBe(202);

		expect((await call(`/api/integrations/${id}`, "DELETE", admin)).status).toBe(204);
		expect((await send(third)).status).toBe(404);
		expect(await reportOf(team, id)).toBeUndefined();
		expect((await getJson<{ runs: unknown[] }>(team, "/api/runs")).body.runs).toHaveLength(run - 5);
		expect((await call(`/api/integrations/${id}`, "DELETE", admin)).status).toBe(404);
		const acts = await env.DB.prepare("SELECT act, actor, role FROM audit WHERE team_id = ? ORDER BY no").bind(team.id).all();
		expect(acts.results.map(({ act }) => act)).toEqual(
			["create", "rotate", "rotate", "rename", "disable", "enable", "remove"].map((act) => `integration.${act}`),
		);
		expect(acts.results[0]).toMatchObject({ actor: `u-${team.id}-admin`, role: "admin" });
	});

	test("a generic one posts with its secret or signs what it posts, and is refused clearly while it is off", async () => {
		const team = await makeTeam();
		const created = await call("/api/integrations", "POST", asAdmin(team), { source: "generic", name: "Jenkins" });
		const { id, path, secret } = created.body as unknown as { id: string; path: string; secret: string };
		expect(path).toBe(`/webhooks/generic/${id}`);
		let n = 0;
		const send = async () => {
			const body = JSON.stringify({ id: `g${++n}`, workflow: "ci", status: "running", started_at: new Date().toISOString(), repo: "a/b" });
			const timestamp = String(Math.floor(Date.now() / 1000));
			const signature = `v1=${await hmacHex(secret, `${timestamp}.${body}`)}`;
			const signed = { "x-opssight-integration": id, "x-opssight-timestamp": timestamp, "x-opssight-signature": signature };
			const post = async (to: string, headers: Record<string, string>) =>
				(await ask(to, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body })).status;
			// Posting the same again changes nothing, through whichever door.
			return [await post("/api/events", signed), await post(path, { authorization: `Bearer ${secret}` })];
		};
		expect(await send()).toEqual([201, 202]);
		await call(`/api/integrations/${id}`, "PATCH", asAdmin(team), { disabled: true });
		expect(await send()).toEqual([403, 403]);
	});

	test("two rotations at the same moment: one wins, the other is told", async () => {
		const team = await makeTeam();
		const id = team.webhooks.github!.path.split("/").at(-1)!;
		const ledger = { syncCredentials: async () => {} };
		const actor = {
			kind: "person",
			sessionId: "s",
			userId: "u",
			name: "U",
			login: "u",
			teams: [{ ...team, name: "t", role: "admin", isDemo: false }],
		} as const;
		const deps = { db: db(), ledger, actor: { ...actor, teams: [...actor.teams] }, requestId: "r", address: null, now: Date.now() };
		const outcomes = await Promise.allSettled([rotateSecret(deps, team.id, { id }), rotateSecret(deps, team.id, { id })]);
		expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
		const audited = await env.DB.prepare("SELECT count(*) AS n FROM audit WHERE team_id = ?").bind(team.id).first("n");
		expect(audited).toBe(1);
	});

	test("who may: a viewer sees and changes nothing, another team does not even see", async () => {
		const [team, other] = [await makeTeam(), await makeTeam()];
		const id = team.webhooks.github!.path.split("/").at(-1)!;
		const listed = await getJson<{ integrations: { id: string; secrets: object[] }[] }>(team, "/api/integrations");
		expect(listed.status).toBe(200);
		expect(listed.body.integrations).toHaveLength(Object.keys(team.webhooks).length);
		expect(JSON.stringify(listed.body)).not.toContain(SECRET);
		const changes: [string, string, unknown][] = [
			["/api/integrations", "POST", { source: "github", name: "x" }],
			[`/api/integrations/${id}`, "PATCH", { name: "x" }],
			[`/api/integrations/${id}`, "DELETE", undefined],
			[`/api/integrations/${id}/rotate`, "POST", undefined],
			["/api/deliveries/replay", "POST", { deliveries: [{ source: "github", delivery_id: "x" }] }],
			["/api/demo/remove", "POST", undefined],
		];
		for (const [path, method, body] of changes) {
			for (const role of ["viewer", "member", "manager"] as const) {
				const answer = await call(path, method, { cookie: team.sessions[role], origin: ORIGIN }, body);
				expect(answer, `${role} ${method} ${path}`).toMatchObject({
					status: 403,
					body: { error: { message: expect.stringContaining("admin") } },
				});
			}
			const foreign = await call(`${path}?team=${team.slug}`, method, asAdmin(other), body);
			expect(foreign.status, `${method} ${path}`).toBe(404);
			expect((await call(path, method, { cookie: team.sessions.admin, origin: "https://evil.test" }, body)).status).toBe(403);
		}
		// Another team's admin who knows the id.
		for (const [path, method, body] of changes.slice(1, 4)) expect((await call(path, method, asAdmin(other), body)).status).toBe(404);
		expect(await reportOf(team, id)).toMatchObject({ name: "github", isDisabled: false, secretSlots: [{ slot: 0 }] });
	});

	test.each<[string, unknown, string]>([
		["no name", { source: "github", name: "   " }, "name"],
		["a name of 81 characters", { source: "github", name: "x".repeat(81) }, "name"],
		["a source nobody reads", { source: "teletype", name: "x" }, "source"],
		["nothing", {}, "source"],
	])("%s is refused with its reason", async (_what, body, field) => {
		const team = await makeTeam();
		const answer = await call("/api/integrations", "POST", asAdmin(team), body);
		expect(answer.status).toBe(422);
		expect((answer.body as unknown as { error: { fields: object } }).error.fields).toHaveProperty(field);
		expect((await call("/api/integrations/x", "PATCH", asAdmin(team), {})).status).toBe(422);
	});
});

describe("dead deliveries", () => {
	/** Take a delivery's effects back and file it as dead, as if it could not have been applied. */
	async function kill(team: TestTeam, deliveryId: string) {
		await env.DB.batch([
			env.DB.prepare("UPDATE deliveries SET result = 'dead', reason = 'no such column' WHERE team_id = ?1 AND delivery_id = ?2").bind(
				...[team.id, deliveryId],
			),
			...["runs", "rollup_hours", "rollup_days"].map((table) => env.DB.prepare(`DELETE FROM ${table} WHERE team_id = ?`).bind(team.id)),
		]);
		// Rows were changed behind the ledger's back: it must read them anew.
		await ledgerOf(team).prune(team.id);
	}

	test("are listed with their reason, and replayed in place from their stored bodies", async () => {
		const team = await makeTeam();
		await sendGitHub(team, "workflow_run", workflowRun({ id: 1 }), { delivery: "a" });
		await kill(team, "a");
		type Dead = { deliveries: { reason: string; can_replay: boolean; delivery_id: string }[] };
		const listed = await getJson<Dead>(team, "/api/deliveries/dead");
		expect(listed.body.deliveries).toMatchObject([{ delivery_id: "a", reason: "no such column", can_replay: true }]);
		const id = team.webhooks.github!.path.split("/").at(-1)!;
		expect(await readDead(db(), team.id, { integrationId: id, limit: 5 })).toHaveLength(1);
		expect(await readDead(db(), team.id, { integrationId: "other", limit: 5 })).toEqual([]);
		expect((await readIntegrations(db(), team.id, Date.now())).find((one) => one.id === id)?.counts.dead).toBe(1);

		const answer = await ask("/api/deliveries/replay", {
			method: "POST",
			headers: { authorization: `Bearer ${team.tokens.admin}`, "content-type": "application/json" },
			body: JSON.stringify({ deliveries: [{ source: "github", delivery_id: "a" }] }),
		});
		expect(await answer.json()).toEqual({ replayed: 1, failed: [] });
		expect((await getJson<{ runs: object[] }>(team, "/api/runs")).body.runs).toMatchObject([{ id: "github-77-1", status: "success" }]);
		const page = await readPipelines(db(), team.id, base, Date.now());
		expect(page.workflows).toMatchObject([{ tally: { success: 1 }, last: [{ id: "github-77-1" }] }]);
		expect(await readDead(db(), team.id, { limit: 5 })).toEqual([]);
		type Raw = { payloads: { body: object }[] };
		expect((await getJson<Raw>(team, "/api/runs/github-77-1/raw")).body.payloads[0]?.body).toMatchObject({ workflow_run: { id: 1 } });
		const acts = await env.DB.prepare("SELECT act, object FROM audit WHERE team_id = ?").bind(team.id).all();
		expect(acts.results).toEqual([{ act: "delivery.replay", object: "github/a" }]);
	});

	test("whose body is gone, that are dead no longer or somebody else's say so", async () => {
		const [team, other] = [await makeTeam(), await makeTeam()];
		for (const id of [1, 2]) await sendGitHub(team, "workflow_run", workflowRun({ id }), { delivery: `d${id}` });
		await kill(team, "d1");
		await env.DB.prepare("DELETE FROM delivery_bodies WHERE team_id = ?").bind(team.id).run();
		expect(await readDead(db(), team.id, { limit: 5 })).toMatchObject([{ deliveryId: "d1", canReplay: false }]);
		const refs = ["d1", "d2", "d3"].map((deliveryId) => ({ source: "github", deliveryId }));
		const { replayed, failed } = await ledgerOf(team).replay(team.id, refs);
		expect(replayed).toBe(0);
		expect(Object.fromEntries(failed.map(({ deliveryId, reason }) => [deliveryId, reason]))).toEqual({
			d1: expect.stringContaining("no longer kept"),
			d2: expect.stringContaining("not dead"),
			d3: expect.stringContaining("not dead"),
		});
		expect(await ledgerOf(other).replay(other.id, refs.slice(0, 1))).toMatchObject({ replayed: 0 });
		expect(await readDead(db(), other.id, { limit: 5 })).toEqual([]);
	});

	test("that do not hold today stay dead with a reason", async () => {
		const team = await makeTeam();
		await sendGitHub(team, "workflow_run", workflowRun({ id: 1 }), { delivery: "a" });
		await kill(team, "a");
		await env.DB.prepare("UPDATE deliveries SET source = 'teletype' WHERE team_id = ?").bind(team.id).run();
		const { failed } = await ledgerOf(team).replay(team.id, [{ source: "teletype", deliveryId: "a" }]);
		expect(failed).toMatchObject([{ reason: "Deliveries of teletype are not read any more." }]);
		expect(await readDead(db(), team.id, { limit: 5 })).toHaveLength(1);
	});
});

test("the demo goes step by step through its door, and what is real stays", async () => {
	const team = await makeTeam();
	await sendGitHub(team, "workflow_run", workflowRun({ id: 1 }));
	await tell(team, [deployed({ id: "real", environment: "staging" })]);
	// Its cluster is somebody's production: that would stay too.
	await env.DB.prepare("UPDATE clusters SET bindings = '[]' WHERE team_id = ?").bind(team.id).run();
	const headers = { "content-type": "application/json" };
	for (const group of [0, 1]) {
		await ask("/dev/demo", { method: "POST", headers, body: JSON.stringify({ team: team.slug, group, anchor: Date.now() }) });
	}
	const demo = (await readIntegrations(db(), team.id, Date.now())).find(({ isDemo }) => isDemo);
	expect(demo).toMatchObject({ source: "github", counts: { dead: 0 } });
	const environments = async () => (await listEnvironments(db(), team.id)).map(({ name }) => name);
	expect(await environments()).toEqual(["production", "staging"]);
	expect((await listDeployments(db(), team.id, { limit: 200 })).length).toBeGreaterThan(20);
	const admin = { cookie: team.sessions.admin, origin: ORIGIN };
	expect((await ask(`/api/integrations/${demo?.id}`, { method: "DELETE", headers: admin })).status).toBe(409);
	const lefts: number[] = [];
	do {
		const answer = await ask("/api/demo/remove", { method: "POST", headers: admin });
		lefts.push(((await answer.json()) as { left: number }).left);
	} while ((lefts.at(-1) ?? 0) > 0 && lefts.length < 10);
	expect(lefts.length).toBeGreaterThan(1);
	expect((await readPipelines(db(), team.id, { ...base, from: Date.now() - 40 * DAY_MS }, Date.now())).runs.map(({ id }) => id)).toEqual([
		"github-77-1",
	]);
	expect((await listDeployments(db(), team.id, { limit: 200 })).map(({ id }) => id)).toEqual(["real"]);
	expect(await environments()).toEqual(["staging"]);
	expect((await readIntegrations(db(), team.id, Date.now())).some(({ isDemo }) => isDemo)).toBe(false);
	expect(await env.DB.prepare("SELECT actor FROM audit WHERE team_id = ? AND act = 'demo.remove'").bind(team.id).first("actor")).toBe(
		`u-${team.id}-admin`,
	);
});

test("GET /api/workflows tells the same as the page", async () => {
	const team = await makeTeam();
	for (const id of [1, 2, 3]) await sendGitHub(team, "workflow_run", workflowRun({ id, conclusion: id === 2 ? "failure" : "success" }));
	type Answer = { total: number; workflows: { last: object[]; course: object[] }[] };
	const { status, body } = await getJson<Answer>(team, "/api/workflows");
	expect(status).toBe(200);
	expect(body).toMatchObject({
		total: 1,
		workflows: [{ repo: "acme/web", workflow: "ci", total_runs: 3, success_rate: 2 / 3, failure: 1 }],
	});
	expect(body.workflows[0]?.last).toHaveLength(3);
	expect(WorkflowListBody.safeParse(body).success).toBe(true);
	expect((await getJson(team, "/api/workflows?from=yesterday")).status).toBe(422);
	expect((await getJson(team, "/api/workflows?repo=none")).body).toMatchObject({ total: 0, workflows: [] });
});
