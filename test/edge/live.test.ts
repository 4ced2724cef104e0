// The live view: hello, numbered frames, resync, slow and rude readers; and that folding frames equals reading anew.
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, test } from "vitest";
import { storyGroup } from "#worker/demo/story";
import { openDatabase } from "#worker/dev/faults";
import { foldOverview, type Overview, totalTally } from "#worker/domains/runs/overview";
import { readOverview } from "#worker/domains/runs/store.server";
import { DAY_MS } from "#worker/domains/runs/tally";
import { ingest } from "#worker/pipeline/hand-over";
import type { LiveMessage } from "#worker/wire/live";
import { ask, getJson, ledgerOf, makeTeam, ORIGIN, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

const view = { from: Date.now() - 30 * DAY_MS, to: null, groupBy: "day" as const, repos: [], workflows: [] };
const load = (team: TestTeam, filter = {}) => readOverview(openDatabase(env.DB), team.id, { ...view, ...filter }, Date.now());

async function open(team: TestTeam, headers: Record<string, string> = { cookie: team.sessions.viewer, origin: ORIGIN }) {
	const answer = await ask(`/live/${team.slug}`, { headers: { upgrade: "websocket", ...headers } });
	const socket = answer.webSocket;
	const frames: LiveMessage[] = [];
	const closes: { code: number; reason: string }[] = [];
	if (socket) {
		socket.accept();
		socket.addEventListener("message", ({ data }) => {
			if (typeof data === "string" && data !== "pong") frames.push(JSON.parse(data) as LiveMessage);
		});
		socket.addEventListener("close", ({ code, reason }) => {
			closes.push({ code, reason });
		});
	}
	const say = (message: unknown) => socket?.send(typeof message === "string" ? message : JSON.stringify(message));
	return { status: answer.status, socket, frames, closes, say };
}

const soon = <T>(read: () => T) => expect.poll(read, { timeout: 4000, interval: 10 });

let team: TestTeam;
beforeAll(async () => {
	team = await makeTeam();
	await sendGitHub(team, "workflow_run", workflowRun({ id: 1 }));
});

describe("who may watch", () => {
	test.each([
		["no session", { origin: ORIGIN }, 401],
		["a foreign page", { origin: "https://evil.test" }, 403],
		["no Origin", {}, 403],
		["a null Origin", { origin: "null" }, 403],
	])("%s is refused before the upgrade", async (what, headers, status) => {
		const cookie = what === "no session" ? {} : { cookie: team.sessions.viewer };
		const { status: answered, socket } = await open(team, { ...headers, ...cookie } as Record<string, string>);
		expect([answered, socket]).toEqual([status, null]);
	});
	test("a foreign team is 404; a token of the own team may watch without Origin", async () => {
		const other = await makeTeam();
		expect((await open(team, { cookie: other.sessions.admin, origin: ORIGIN })).status).toBe(404);
		expect((await open(team, { authorization: `Bearer ${team.tokens.viewer}` })).status).toBe(101);
		expect((await open(team, { authorization: `Bearer ${team.ingestToken}` })).status).toBe(403);
	});
	test("an ordinary request there is told what the address speaks", async () => {
		expect((await getJson(team, `/live/${team.slug}`)).status).toBe(422);
	});
});

describe("frames", () => {
	test("nothing is sent before the hello; a first hello gets a snapshot, a known position what came after it", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		const first = await open(own);
		await sendGitHub(own, "workflow_run", workflowRun({ id: 2 }));
		expect(first.frames).toEqual([]);
		first.say({ hello: {} });
		await soon(() => first.frames.map(({ type }) => type)).toEqual(["snapshot"]);
		const [snapshot] = first.frames;
		expect(snapshot).toMatchObject({ seq: 2, runs: [{ id: "github-77-2" }, { id: "github-77-1" }] });

		await sendGitHub(own, "workflow_run", workflowRun({ id: 3 }));
		await soon(() => first.frames.at(-1)).toMatchObject({ type: "change", prev: 2, seq: 3, runs: [{ id: "github-77-3" }] });

		const second = await open(own);
		second.say({ hello: { epoch: snapshot!.epoch, seq: 1 } });
		await soon(() => second.frames.at(-1)).toMatchObject({ type: "change", prev: 1, seq: 3 });
		const third = await open(own);
		third.say({ hello: { epoch: "another life", seq: 3 } });
		await soon(() => third.frames.at(-1)).toMatchObject({ type: "snapshot", seq: 3 });
		const upToDate = await open(own);
		upToDate.say({ hello: { epoch: snapshot!.epoch, seq: 3 } });
		await soon(() => upToDate.frames.at(-1)).toMatchObject({ type: "change", prev: 3, seq: 3, runs: [] });
	});

	test("a burst arrives in numbered frames without a gap, and folding them equals reading anew", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1, conclusion: "failure" }));
		for (const filter of [{}, { repos: ["acme/web"] }]) {
			let state: Overview = await load(own, filter);
			const reader = await open(own);
			reader.say({ hello: { epoch: state.epoch, seq: state.seq } });
			await soon(() => reader.frames.length).toBe(1);
			const now = Date.now();
			await Promise.all(
				Array.from({ length: 60 }, (_, n) =>
					sendGitHub(
						own,
						"workflow_run",
						workflowRun({
							id: 10 + (n % 30),
							status: n < 30 ? "in_progress" : "completed",
							conclusion: n % 4 ? "success" : "failure",
							startedAt: now - (n % 30) * 3600_000,
							repo: n % 3 ? "acme/web" : "acme/api",
						}),
					),
				),
			);
			const fresh = await load(own, filter);
			await soon(() => reader.frames.at(-1)?.seq).toBe(fresh.seq);
			for (const frame of reader.frames) {
				const folded = foldOverview(state, frame);
				expect(folded.needs).toBe("nothing");
				state = folded.state;
			}
			expect(state.seq).toBe(fresh.seq);
			expect(state.runs).toEqual(fresh.runs);
			expect(totalTally(state.buckets)).toEqual(totalTally(fresh.buckets));
			expect(totalTally(state.hours)).toEqual(totalTally(fresh.hours));
			for (const bucket of fresh.buckets) expect(state.buckets).toContainEqual(bucket);
			// Every frame a second time, and in any order, changes nothing more.
			for (const frame of [...reader.frames].reverse()) expect(foldOverview(state, frame).state).toEqual(state);
		}
	});

	test("a frame names the run of which only a job changed, and counts nothing twice", async () => {
		const own = await makeTeam();
		const at = new Date(Date.now() - 60_000).toISOString();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		const job = { id: 9, run_id: 1, run_attempt: 1, name: "test", workflow_name: "CI", head_branch: "main", head_sha: "ab" };
		const body = { workflow_job: { ...job, status: "completed", conclusion: "success", started_at: at, completed_at: at } };
		await sendGitHub(own, "workflow_job", { ...body, action: "completed", repository: { id: 77, full_name: "acme/web" } });
		const { frames } = (await ledgerOf(own).changes(own.id, null)) as unknown as { frames: LiveMessage[] };
		const first = frames[0] as LiveMessage;
		const since = { epoch: first.epoch, seq: 1 };
		const { frames: later } = (await ledgerOf(own).changes(own.id, since)) as unknown as { frames: LiveMessage[] };
		expect(later).toMatchObject([{ type: "change", prev: 1, seq: 2, runs: [{ id: "github-77-1", status: "success" }], tallies: [] }]);
	});

	test("a reader that missed frames is told so by the fold, and a hello brings it back", async () => {
		const state = await load(team);
		const missed: LiveMessage = {
			type: "change",
			epoch: state.epoch,
			prev: state.seq + 3,
			seq: state.seq + 4,
			at: 0,
			runs: [],
			tallies: [],
		};
		expect(foldOverview(state, missed)).toEqual({ state, needs: "hello" });
		expect(foldOverview(state, { ...missed, epoch: "new" }).needs).toBe("hello");
	});

	test("an evicted ledger wakes up, keeps its sockets and goes on numbering", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		const reader = await open(own);
		reader.say({ hello: {} });
		await soon(() => reader.frames.length).toBe(1);
		await evictDurableObject(ledgerOf(own));
		await sendGitHub(own, "workflow_run", workflowRun({ id: 2 }));
		await soon(() => reader.frames.at(-1)).toMatchObject({ type: "change", prev: 1, seq: 2 });
	});

	test("without a socket the same frames are polled", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		type Answer = { epoch: string; seq: number; frames: LiveMessage[] };
		const first = await getJson<Answer>(own, `/live/${own.slug}/changes`);
		expect(first.body).toMatchObject({ seq: 1, frames: [{ type: "snapshot" }] });
		const since = `/live/${own.slug}/changes?since=${first.body.epoch}.1`;
		expect((await getJson<Answer>(own, since)).body.frames).toEqual([]);
		await sendGitHub(own, "workflow_run", workflowRun({ id: 2 }));
		expect((await getJson<Answer>(own, since)).body.frames).toMatchObject([{ type: "change", prev: 1, seq: 2 }]);
		expect((await getJson(own, `/live/${own.slug}/changes?since=x`)).status).toBe(422);
		expect((await ask(`/live/${own.slug}/changes`)).status).toBe(401);
	});
});

describe("rude readers", () => {
	test.each([
		["binary", new Uint8Array([1]), 1003],
		["what is no JSON", "{", 1003],
		["a command", { rollback: "prod" }, 1008],
		["a frame of 70 KB", "x".repeat(70_000), 1009],
	])("%s closes the socket and nothing else", async (_what, message, code) => {
		const reader = await open(team);
		const bystander = await open(team);
		bystander.say({ hello: {} });
		if (message instanceof Uint8Array) reader.socket?.send(message);
		else reader.say(message);
		await soon(() => reader.closes.map((close) => close.code)).toEqual([code]);
		await soon(() => bystander.frames.length).toBe(1);
		expect(bystander.closes).toEqual([]);
	});

	test("a flood of messages is closed", async () => {
		const reader = await open(team);
		for (let n = 0; n < 60; n++) reader.say({ ack: 1 });
		await soon(() => reader.closes.map((close) => close.code)).toEqual([1008]);
	});

	test("a reader that never acknowledges is closed at its byte budget; one that does stays", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
		const silent = await open(own);
		const good = await open(own);
		for (const reader of [silent, good]) reader.say({ hello: {} });
		await soon(() => good.frames.length).toBe(1);
		for (let group = 0; group < 20 && silent.closes.length === 0; group++) {
			const deliveries = storyGroup({ anchor: Date.now(), group, teamSalt: own.id, integrationId: "story" });
			await ingest(env, own.id, deliveries.slice(0, 100));
			await new Promise((done) => setTimeout(done, 60));
			good.say({ ack: good.frames.at(-1)?.seq });
		}
		await soon(() => silent.closes).toEqual([{ code: 1013, reason: "slow" }]);
		expect(silent.frames.at(-1)).toMatchObject({ type: "bye", reason: "slow" });
		expect(good.closes).toEqual([]);
	});
});

test("removing the demo takes its runs out of list and figures, keeps the others, and starts the stream anew", async () => {
	const own = await makeTeam();
	await sendGitHub(own, "workflow_run", workflowRun({ id: 1 }));
	const post = (path: string, body: unknown) =>
		ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
	const anchor = Date.now();
	expect((await post("/dev/demo", { team: own.slug, group: 0, anchor })).status).toBe(200);
	const reader = await open(own);
	reader.say({ hello: {} });
	const count = async () => (await getJson<{ summary: { total_runs: number } }>(own, "/api/metrics")).body.summary.total_runs;
	expect(await count()).toBeGreaterThan(300);
	const epoch = (await load(own)).epoch;
	for (let left = 1; left > 0; ) left = ((await (await post("/dev/demo/remove", { team: own.slug })).json()) as { left: number }).left;
	expect(await count()).toBe(1);
	expect((await load(own)).epoch).not.toBe(epoch);
	await soon(() => reader.frames.at(-1)).toMatchObject({ type: "snapshot", runs: [{ id: "github-77-1" }] });
	for (const table of ["jobs", "pushes", "git_commits", "run_attempts"]) {
		expect(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team_id = ?`).bind(own.id).first("n")).toBe(0);
	}
	await sendGitHub(own, "workflow_run", workflowRun({ id: 2 }));
	expect(await count()).toBe(2);
});

test("retention takes bodies, old hours and old numbers, and nothing else", async () => {
	const own = await makeTeam();
	const old = Date.now() - 200 * DAY_MS;
	await sendGitHub(own, "workflow_run", workflowRun({ id: 1, startedAt: old }));
	await env.DB.prepare("UPDATE commits SET at = ?2 WHERE team_id = ?1").bind(own.id, old).run();
	await sendGitHub(own, "workflow_run", workflowRun({ id: 2 }));
	await runInDurableObject(ledgerOf(own), (instance) => instance.prune(own.id));
	type Raw = { payloads: { body: unknown }[] };
	expect((await getJson<Raw>(own, "/api/runs/github-77-1/raw")).body.payloads).toMatchObject([{ body: null }]);
	expect((await getJson<Raw>(own, "/api/runs/github-77-2/raw")).body.payloads[0]!.body).toMatchObject({ workflow_run: { id: 2 } });
	const oldDay = `from=${new Date(old - DAY_MS).toISOString()}&to=${new Date(old + DAY_MS).toISOString()}`;
	expect((await getJson<{ summary: { total_runs: number } }>(own, `/api/metrics?${oldDay}`)).body.summary.total_runs).toBe(1);
	expect(
		await env.DB.prepare("SELECT count(*) AS n FROM rollup_hours WHERE team_id = ? AND at < ?")
			.bind(own.id, old + DAY_MS)
			.first("n"),
	).toBe(0);
	expect((await sendGitHub(own, "workflow_run", workflowRun({ id: 3 }))).status).toBe(202);
});
