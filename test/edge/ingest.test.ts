// The faults 1–20 of the failure model, on the way in. Each ends in what the sender is told and what is stored.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { storyGroup } from "#worker/demo/story";
import { setD1Fault } from "#worker/dev/faults";
import { newIntegrationId, newToken } from "#worker/ids";
import { ingest } from "#worker/pipeline/hand-over";
import { eventBody, type Metrics, total } from "../support/figures.ts";
import { ask, getJson, hmacHex, ledgerOf, makeTeam, SECRET, sendGitHub, type TestTeam, workflowRun } from "../support/team.ts";

type ErrorAnswer = { error: { code: string; message: string; request_id: string; fields?: Record<string, string> } };
const codeOf = async (answer: Response) => ((await answer.json()) as ErrorAnswer).error.code;
const resultOf = async (answer: Response) => ((await answer.json()) as { result: string }).result;
const rows = async (team: TestTeam, table: string) =>
	(await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team_id = ?`).bind(team.id).first<{ n: number }>())!.n;

let team: TestTeam;
beforeAll(async () => {
	team = await makeTeam();
});
afterEach(() => setD1Fault("ok"));

describe("1–6: repeats, order, clocks", () => {
	test("1: the same delivery fifty times at once is stored once and counted once", async () => {
		const own = await makeTeam();
		const body = workflowRun({ id: 1 });
		const answers = await Promise.all(Array.from({ length: 50 }, () => sendGitHub(own, "workflow_run", body, { delivery: "same" })));
		expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(202));
		const results = await Promise.all(answers.map(resultOf));
		expect(results.filter((result) => result === "accepted")).toHaveLength(1);
		expect(results.filter((result) => result === "duplicate")).toHaveLength(49);
		expect(await rows(own, "deliveries")).toBe(1);
		expect(await total(own)).toBe(1);
	});

	test("2: a delivery that was stored but failed to apply is re-armed by its redelivery", async () => {
		const own = await makeTeam();
		const body = workflowRun({ id: 2 });
		const text = JSON.stringify(body);
		await sendGitHub(own, "workflow_run", text, { delivery: "armed" });
		await env.DB.batch([
			env.DB.prepare("UPDATE deliveries SET result = 'dead', reason = 'test' WHERE team_id = ?").bind(own.id),
			env.DB.prepare("DELETE FROM runs WHERE team_id = ?").bind(own.id),
			env.DB.prepare("DELETE FROM rollup_hours WHERE team_id = ?").bind(own.id),
			env.DB.prepare("DELETE FROM rollup_days WHERE team_id = ?").bind(own.id),
		]);
		// Rows were changed behind the ledger's back: it must read them anew.
		await runInDurableObject(ledgerOf(own), (instance) => instance.prune(own.id));
		expect(await resultOf(await sendGitHub(own, "workflow_run", text, { delivery: "armed" }))).toBe("accepted");
		expect(await total(own)).toBe(1);
		const { result } = (await env.DB.prepare("SELECT result FROM deliveries WHERE team_id = ?").bind(own.id).first<{ result: string }>())!;
		expect(result).toBe("accepted");
		expect(await resultOf(await sendGitHub(own, "workflow_run", text, { delivery: "armed" }))).toBe("duplicate");
	});

	test("3: the same id with another body is refused, and the first stays", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "workflow_run", workflowRun({ id: 3 }), { delivery: "clash" });
		const before = await env.DB.prepare("SELECT body_hash FROM deliveries WHERE team_id = ?").bind(own.id).first();
		const answer = await sendGitHub(own, "workflow_run", workflowRun({ id: 3, conclusion: "failure" }), { delivery: "clash" });
		expect(answer.status).toBe(409);
		expect(await env.DB.prepare("SELECT body_hash FROM deliveries WHERE team_id = ?").bind(own.id).first()).toEqual(before);
		expect((await getJson<{ runs: { status: string }[] }>(own, "/api/runs")).body.runs[0]!.status).toBe("success");
	});

	test("4: requested, in progress, completed and a second attempt, in every order, end in the same row and count once", async () => {
		const at = Date.now() - 3600_000;
		const events = [
			workflowRun({ id: 4, status: "queued", startedAt: at, updatedAt: at }),
			workflowRun({ id: 4, status: "in_progress", startedAt: at, updatedAt: at + 1000 }),
			workflowRun({ id: 4, conclusion: "failure", startedAt: at, updatedAt: at + 60_000 }),
			workflowRun({ id: 4, attempt: 2, conclusion: "success", startedAt: at + 120_000, updatedAt: at + 150_000 }),
		];
		const ends = new Set<string>();
		for (const order of permutations([0, 1, 2, 3])) {
			const own = await makeTeam();
			for (const n of order) {
				const answers = await Promise.all([1, 2].map(() => sendGitHub(own, "workflow_run", events[n], { delivery: `d${n}` })));
				expect(answers.map(({ status }) => status)).toEqual([202, 202]);
			}
			const { body } = await getJson<Record<string, unknown>>(own, "/api/runs/github-77-4");
			const figures = await getJson<Metrics>(own, "/api/metrics");
			ends.add(JSON.stringify({ ...body, metrics: figures.body.summary.total_runs, failure: figures.body.summary.failure }));
		}
		expect([...ends]).toHaveLength(1);
		const [end] = [...ends].map((text) => JSON.parse(text));
		expect(end).toMatchObject({ attempt: 2, status: "success", metrics: 1, failure: 0 });
		expect(end.attempts).toMatchObject([
			{ attempt: 1, status: "failure" },
			{ attempt: 2, status: "success" },
		]);
	});

	test("5: a job of an unknown run begins it, and the run completes it later", async () => {
		const own = await makeTeam();
		const job = {
			action: "in_progress",
			workflow_job: {
				...{ id: 51, run_id: 5, run_attempt: 1, name: "test", workflow_name: "ci", head_branch: "main", head_sha: "b".repeat(40) },
				...{ status: "in_progress", conclusion: null, started_at: "2026-11-20T10:00:00Z", completed_at: null, labels: [], steps: [] },
			},
			repository: { id: 77, full_name: "acme/web" },
		};
		expect((await sendGitHub(own, "workflow_job", job)).status).toBe(202);
		expect((await getJson(own, "/api/runs/github-77-5")).body).toMatchObject({ status: "running", workflow: "ci" });
		expect(await total(own)).toBe(1);
		await sendGitHub(own, "workflow_run", workflowRun({ id: 5, startedAt: Date.parse("2026-11-20T10:00:00Z") }));
		expect((await getJson(own, "/api/runs/github-77-5")).body).toMatchObject({ status: "success", jobs: [{ name: "test" }] });
		expect(await total(own)).toBe(1);
	});

	test.each([
		["a day ahead", Date.now() + 86_000_000],
		["in 2099", Date.parse("2099-01-01T00:00:00Z")],
		["in 1970", Date.parse("1970-01-02T00:00:00Z")],
	])("6: a sender whose clock is %s is believed about itself, and neither charts nor retention suffer", async (_when, startedAt) => {
		const own = await makeTeam();
		expect((await sendGitHub(own, "workflow_run", workflowRun({ id: 6, startedAt }))).status).toBe(202);
		await sendGitHub(own, "workflow_run", workflowRun({ id: 60 }));
		const { body } = await getJson<{ started_at: string }>(own, "/api/runs/github-77-6");
		expect(body.started_at).toBe(new Date(startedAt).toISOString());
		const list = await getJson<{ runs: unknown[] }>(own, "/api/runs");
		expect(list.body.runs).toHaveLength(2);
		const { orderedAt, receivedAt } = (await env.DB.prepare(
			"SELECT ordered_at AS orderedAt, first_received_at AS receivedAt FROM runs WHERE team_id = ? AND external_id = '6'",
		)
			.bind(own.id)
			.first<{ orderedAt: number; receivedAt: number }>())!;
		expect(orderedAt).toBeLessThanOrEqual(receivedAt + 86_400_000);
	});
});

describe("7–11: who signs", () => {
	const body = JSON.stringify(workflowRun({ id: 7 }));
	const forged: [string, (hex: string) => Record<string, string>][] = [
		["a forged signature", () => ({ "x-hub-signature-256": `sha256=${"0".repeat(64)}` })],
		["SHA-1 only", (hex) => ({ "x-hub-signature-256": "", "x-hub-signature": `sha1=${hex.slice(0, 40)}` })],
		["a short signature", (hex) => ({ "x-hub-signature-256": `sha256=${hex.slice(0, 63)}` })],
		["an upper-case signature", (hex) => ({ "x-hub-signature-256": `sha256=${hex.toUpperCase()}` })],
		["two signatures", (hex) => ({ "x-hub-signature-256": `sha256=${hex}, sha256=${hex}` })],
		["no signature", () => ({ "x-hub-signature-256": "" })],
	];
	test.each(forged)("7: %s is 401 and stores nothing", async (_name, headers) => {
		const before = await rows(team, "deliveries");
		const answer = await sendGitHub(team, "workflow_run", body, { headers: headers(await hmacHex(SECRET, body)) });
		expect(answer.status).toBe(401);
		expect(await codeOf(answer)).toBe("unauthenticated");
		expect(await rows(team, "deliveries")).toBe(before);
	});

	test("7: a wrong secret is 401", async () => {
		expect((await sendGitHub(team, "workflow_run", body, { secret: "wrong" })).status).toBe(401);
	});

	test("8: an integration without a secret refuses to work instead of skipping the check", async () => {
		const own = await makeTeam();
		await env.DB.prepare("DELETE FROM integration_secrets WHERE team_id = ?").bind(own.id).run();
		await ledgerOf(own).syncCredentials(own.id);
		const answer = await sendGitHub(own, "workflow_run", body);
		expect(answer.status).toBe(503);
	});

	test.each(["/webhooks/github/", "/webhooks/nobody/", "/webhooks/gitlab/"])("an address nobody has, %s…, is 404", async (prefix) => {
		const known = team.webhooks.github!.path.split("/").at(-1) as string;
		const id = prefix.includes("github") ? newIntegrationId(team.id) : known;
		const answer = await ask(`${prefix}${id}`, { method: "POST", headers: { "content-type": "application/json" }, body });
		expect(answer.status).toBe(404);
	});

	test("9: a captured body under a fresh id changes neither state nor figures", async () => {
		const own = await makeTeam();
		const text = JSON.stringify(workflowRun({ id: 9 }));
		await sendGitHub(own, "workflow_run", text);
		const before = (await getJson(own, "/api/runs/github-77-9")).body;
		expect((await sendGitHub(own, "workflow_run", text, { delivery: "a year later" })).status).toBe(202);
		expect((await getJson(own, "/api/runs/github-77-9")).body).toEqual(before);
		expect(await total(own)).toBe(1);
	});

	test.each([
		[-301, 401],
		[-299, 201],
		[299, 201],
		[301, 401],
	])("10: a signed event stamped %i s from now is %i", async (offset, status) => {
		const timestamp = Math.floor(Date.now() / 1000) + offset;
		const text = JSON.stringify(eventBody({ id: `signed-${offset}` }));
		const answer = await ask("/api/events", {
			method: "POST",
			headers: {
				"content-type": "application/json",
				"x-opssight-integration": team.webhooks.generic!.path.split("/").at(-1) as string,
				"x-opssight-timestamp": String(timestamp),
				"x-opssight-signature": `v1=${await hmacHex(SECRET, `${timestamp}.${text}`)}`,
			},
			body: text,
		});
		expect(answer.status).toBe(status);
	});

	test("11: while a secret is rotated both are accepted; when the old one expires it is refused", async () => {
		const own = await makeTeam();
		const integrationId = own.webhooks.github!.path.split("/").at(-1) as string;
		const put = async (slot: number, secret: string, expiresAt: number | null) => {
			await env.DB.prepare(
				"INSERT OR REPLACE INTO integration_secrets (integration_id, slot, team_id, secret, created_at, expires_at) VALUES (?, ?, ?, ?, 0, ?)",
			)
				.bind(integrationId, slot, own.id, secret, expiresAt)
				.run();
			await ledgerOf(own).syncCredentials(own.id);
		};
		await put(0, "old", null);
		expect((await sendGitHub(own, "ping", {}, { secret: "old" })).status).toBe(202);
		await put(1, "new", null);
		await new Promise((done) => setTimeout(done, 1100));
		expect((await sendGitHub(own, "ping", {}, { secret: "new" })).status).toBe(202);
		expect((await sendGitHub(own, "ping", {}, { secret: "old" })).status).toBe(202);
		await put(0, "old", Date.now() - 1);
		await new Promise((done) => setTimeout(done, 1100));
		await sendGitHub(own, "ping", {}, { secret: "neither, so that this isolate asks again" });
		expect((await sendGitHub(own, "ping", {}, { secret: "old" })).status).toBe(401);
		expect((await sendGitHub(own, "ping", {}, { secret: "new" })).status).toBe(202);
	});
});

describe("12–16: what a body may be", () => {
	test.each(["text/plain", "multipart/form-data; boundary=x", "application/xml"])("12: %s is 415", async (type) => {
		expect((await sendGitHub(team, "workflow_run", workflowRun({ id: 12 }), { headers: { "content-type": type } })).status).toBe(415);
	});

	test("12: GitHub's form mode is read", async () => {
		const own = await makeTeam();
		const form = `payload=${encodeURIComponent(JSON.stringify(workflowRun({ id: 121 })))}`;
		const answer = await sendGitHub(own, "workflow_run", form, { headers: { "content-type": "application/x-www-form-urlencoded" } });
		expect(answer.status).toBe(202);
		expect(await total(own)).toBe(1);
	});

	const nothing = new Uint8Array();
	const bytes = (text: string) => new TextEncoder().encode(text);
	const utf16 = new Uint8Array([0xff, 0xfe, ...Array.from('{"a":1}', (char) => [char.charCodeAt(0), 0]).flat()]);
	test.each([
		["truncated", bytes('{"workflow_run": {"id": 1')],
		["empty", nothing],
		["with a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, ...bytes("{}")])],
		["in UTF-16", utf16],
		["of invalid UTF-8", new Uint8Array([...bytes('{"a":"'), 0xc3, 0x28, ...bytes('"}')])],
		["with a __proto__", bytes('{"__proto__": {"polluted": true}, "workflow_run": {"id": 1}}')],
		["a list", bytes("[1,2,3]")],
		["a word", bytes("null")],
	])("13: a signed body that is %s is 400 in the one error shape", async (_what, raw) => {
		const answer = await sendGitHub(team, "workflow_run", "", { raw });
		expect(answer.status).toBe(400);
		const { error } = (await answer.json()) as ErrorAnswer;
		expect(error).toMatchObject({ code: "malformed", message: expect.any(String), request_id: expect.any(String) });
		expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	});

	test("13: what parses but does not hold is 422 with the path of each field", async () => {
		const answer = await sendGitHub(team, "workflow_run", { workflow_run: {}, repository: {} });
		expect(answer.status).toBe(422);
		expect(Object.keys(((await answer.json()) as ErrorAnswer).error.fields!)).toContain("workflow_run.id");
	});

	test("14: one byte over the cap is 413, whatever Content-Length says, and nothing is stored", async () => {
		const before = await rows(team, "deliveries");
		const large = `{"x":"${"y".repeat(2 ** 20)}"}`;
		expect((await sendGitHub(team, "workflow_run", large)).status).toBe(413);
		let sent = 0;
		const endless = new ReadableStream<Uint8Array>({
			pull(controller) {
				sent += 65_536;
				controller.enqueue(new Uint8Array(65_536));
			},
		});
		const answer = await ask(team.webhooks.github!.path, {
			method: "POST",
			headers: { "content-type": "application/json", "x-github-event": "workflow_run" },
			body: endless,
		});
		expect(answer.status).toBe(413);
		expect(sent).toBeLessThan(2 ** 21);
		expect(await rows(team, "deliveries")).toBe(before);
	});

	test("14: a push may be larger, and its body is kept outside the database", async () => {
		const own = await makeTeam();
		const commit = (n: number) => ({
			id: String(n).padStart(40, "0"),
			message: "m",
			distinct: true,
			author: { name: "A" },
			added: ["f".repeat(2000)],
		});
		const push = {
			...{ ref: "refs/heads/main", before: "0".repeat(40), after: "1".repeat(40), created: true, deleted: false, forced: false },
			...{ commits: Array.from({ length: 700 }, (_, n) => commit(n)), pusher: { name: "A" } },
			repository: { id: 77, full_name: "acme/web" },
		};
		expect((await sendGitHub(own, "push", push, { delivery: "large" })).status).toBe(202);
		expect((await getJson<{ pushes: { commits: number }[] }>(own, "/api/pushes")).body.pushes[0]!.commits).toBe(700);
		expect(await env.BLOBS.head(`deliveries/${own.id}/github/large`)).not.toBeNull();
	});

	test.each([
		["10,000 levels", `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
		["200,000 levels", `{"a":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
		["65 levels", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`],
		["100,000 fields", `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":0`).join(",")}}`],
		["a list of 500,000 items", `{"a":[${"0,".repeat(500_000)}0]}`],
	])("15: %s is 400", async (_what, text) => {
		expect((await sendGitHub(team, "workflow_run", text)).status).toBe(400);
	});

	test.each(["gzip", "deflate", "br", "zip"])("16: a body encoded as %s is 415 and never inflated", async (encoding) => {
		const answer = await sendGitHub(team, "workflow_run", workflowRun({ id: 16 }), { headers: { "content-encoding": encoding } });
		expect(answer.status).toBe(415);
	});
});

describe("17–20: when we are the ones who fail", () => {
	test.each(["error", "hang"] as const)(
		"17: while D1 is at %s deliveries are verified and accepted, and appear once it is back",
		async (fault) => {
			const own = await makeTeam();
			await sendGitHub(own, "workflow_run", workflowRun({ id: 170 }));
			setD1Fault(fault);
			const bodies = [171, 172, 173].map((id) => [`d${id}`, JSON.stringify(workflowRun({ id }))] as const);
			const answers = await Promise.all(bodies.map(([delivery, text]) => sendGitHub(own, "workflow_run", text, { delivery })));
			expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
			expect((await sendGitHub(own, "workflow_run", workflowRun({ id: 174 }), { secret: "wrong" })).status).toBe(401);
			const event = await ask("/api/events", {
				method: "POST",
				headers: { "content-type": "application/json", authorization: `Bearer ${own.ingestToken}` },
				body: JSON.stringify(eventBody({ id: "while-down" })),
			});
			expect(event.status).toBe(202);
			expect(await event.json()).toMatchObject({ result: "accepted" });
			if (fault === "error") {
				const read = await getJson<ErrorAnswer>(own, "/api/runs");
				expect([read.status, read.body.error.code]).toEqual([503, "unavailable"]);
			}
			setD1Fault("ok");
			await expect.poll(() => total(own), { timeout: 10_000 }).toBe(5);
			const [delivery, text] = bodies[0]!;
			expect(await resultOf(await sendGitHub(own, "workflow_run", text, { delivery }))).toBe("duplicate");
			expect(await total(own)).toBe(5);
		},
	);

	test("17: a batch that lands late can't count twice: the fence refuses the second", async () => {
		const own = await makeTeam();
		const real = env.DB.batch.bind(env.DB);
		const late: (() => Promise<unknown>)[] = [];
		// The first write is held back: the ledger gives up on it, commits the same group anew, and then the first one lands.
		const holding = async (statements: D1PreparedStatement[]) => {
			if (late.length === 0 && statements.length > 3) {
				late.push(() => real(statements));
				throw new Error("Network connection lost.");
			}
			return await real(statements);
		};
		await runInDurableObject(ledgerOf(own), async (instance) => {
			const DB = { prepare: (sql: string) => env.DB.prepare(sql), batch: holding };
			Object.defineProperty(instance, "env", { configurable: true, value: { ...env, DB } });
		});
		expect((await sendGitHub(own, "workflow_run", workflowRun({ id: 177 }))).status).toBe(202);
		await expect.poll(() => total(own), { timeout: 10_000 }).toBe(1);
		await expect(late[0]!()).rejects.toThrow(/UNIQUE/);
		expect(await total(own)).toBe(1);
		expect(await rows(own, "deliveries")).toBe(1);
	});

	test("17: while D1 hangs a burst waits for it once, not once a group", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "ping", {});
		const deliveries = Array.from({ length: 5 }, (_, group) =>
			storyGroup({ anchor: Date.now(), group, teamSalt: own.id, integrationId: "story" }).slice(0, 90),
		);
		let asked = 0;
		await runInDurableObject(ledgerOf(own), (instance) => {
			const hanging = () => {
				asked += 1;
				return new Promise<never>(() => {});
			};
			Object.defineProperty(instance, "env", {
				configurable: true,
				value: { ...env, DB: { prepare: () => ({ bind: () => ({}) }), batch: hanging } },
			});
		});
		const receipts = (await Promise.all(deliveries.map((group) => ingest(env, own.id, group)))).flat();
		expect(receipts).toHaveLength(450);
		expect(receipts.every((receipt) => receipt.result === "accepted")).toBe(true);
		expect(asked).toBe(1);
	});

	test("18: a ledger that can't be reached is 503 with Retry-After, and the same delivery succeeds later", async () => {
		const own = await makeTeam();
		await sendGitHub(own, "ping", {});
		await runInDurableObject(ledgerOf(own), (instance) => {
			Object.assign(instance, { ingest: () => Promise.reject(new Error("overloaded")) });
		});
		const text = JSON.stringify(workflowRun({ id: 18 }));
		const refused = await sendGitHub(own, "workflow_run", text, { delivery: "d18" });
		expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "5"]);
		await runInDurableObject(ledgerOf(own), (instance) => {
			delete (instance as unknown as { ingest?: unknown }).ingest;
		});
		expect(await resultOf(await sendGitHub(own, "workflow_run", text, { delivery: "d18" }))).toBe("accepted");
		expect(await total(own)).toBe(1);
	});

	test("19: rollups equal runs after a concurrent load with duplicates and attempts", async () => {
		const own = await makeTeam();
		const sends = Array.from({ length: 300 }, (_, n) => {
			const id = 1900 + (n % 100);
			return () =>
				sendGitHub(
					own,
					"workflow_run",
					workflowRun({
						id,
						status: n < 100 ? "in_progress" : "completed",
						conclusion: n % 7 ? "success" : "failure",
						startedAt: Date.now() - id * 60_000,
					}),
				);
		});
		await Promise.all(sends.map((send) => send()));
		const sums = await env.DB.prepare(
			`SELECT (SELECT count(*) FROM runs WHERE team_id = ?1) AS runs,
				(SELECT sum(queued + running + success + failure + cancelled) FROM rollup_days WHERE team_id = ?1 AND repo = '') AS days,
				(SELECT sum(queued + running + success + failure + cancelled) FROM rollup_hours WHERE team_id = ?1 AND repo = '') AS hours,
				(SELECT sum(queued + running + success + failure + cancelled) FROM rollup_hours WHERE team_id = ?1 AND repo <> '') AS workflows,
				(SELECT sum(duration_ms) FROM runs WHERE team_id = ?1 AND status IN ('success', 'failure')) AS durations,
				(SELECT sum(duration_sum) FROM rollup_days WHERE team_id = ?1 AND repo = '') AS durationsInDays`,
		)
			.bind(own.id)
			.first<Record<string, number>>();
		expect(sums).toMatchObject({ runs: 100, days: 100, hours: 100, workflows: 100, durations: sums!.durationsInDays });
	});

	test("20: a flood of unsigned requests is 401 and leaves no rows; a good one still succeeds", async () => {
		const own = await makeTeam();
		const answers = await Promise.all(
			Array.from({ length: 200 }, () => sendGitHub(own, "workflow_run", "{}", { headers: { "x-hub-signature-256": "" } })),
		);
		expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
		expect(await rows(own, "deliveries")).toBe(0);
		expect((await sendGitHub(own, "workflow_run", workflowRun({ id: 20 }))).status).toBe(202);
	});
});

test("28: secrets are masked before anything is stored", async () => {
	const own = await makeTeam();
	const secret = `ghp_${"A1b2".repeat(9)}`;
	const run = workflowRun({ id: 28, branch: `fix/${secret}` });
	expect((await sendGitHub(own, "workflow_run", { ...run, password: secret })).status).toBe(202);
	const event = await ask("/api/events", {
		method: "POST",
		headers: { "content-type": "application/json", authorization: `Bearer ${own.ingestToken}` },
		body: JSON.stringify(eventBody({ id: "with-secret", meta: { note: secret } })),
	});
	expect(event.status).toBe(201);
	for (const path of ["/api/runs/github-77-28", "/api/runs/github-77-28/raw", "/api/runs/with-secret", "/api/runs/with-secret/raw"]) {
		expect(JSON.stringify((await getJson(own, path)).body)).not.toContain(secret);
	}
	const dump = await env.DB.prepare("SELECT * FROM deliveries WHERE team_id = ?").bind(own.id).all();
	expect(JSON.stringify(dump.results)).not.toContain(secret);
});

test("a token that is unknown, or has no ingest scope, is told apart", async () => {
	const post = (token: string) =>
		ask("/api/events", {
			method: "POST",
			headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
			body: JSON.stringify(eventBody({ id: "x" })),
		});
	expect((await post(newToken(team.id))).status).toBe(401);
	expect((await post(team.tokens.viewer)).status).toBe(403);
	expect((await post(team.metricsToken)).status).toBe(403);
	expect((await post(team.tokens.member)).status).toBe(201);
});

function permutations<T>(items: T[]): T[][] {
	if (items.length <= 1) return [items];
	return items.flatMap((item, n) => permutations([...items.slice(0, n), ...items.slice(n + 1)]).map((rest) => [item, ...rest]));
}
