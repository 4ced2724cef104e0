// The audit: a change and its record are one, the chain tells of every tampering, and what is exported is safe to open.
import { createExecutionContext, createScheduledController, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { sql } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { Database } from "#worker/database";
import { setD1Fault } from "#worker/dev/faults";
import { commitAudited, type Denial, recordDenial, verifyChain } from "#worker/domains/audit/chain.server";
import type { AuditEntry } from "#worker/domains/audit/model";
import { randomId } from "#worker/ids";
import worker from "#worker/index";
import { AuditListBody, AuditVerificationBody } from "#worker/wire/api";
import { ask, getJson, makeTeam, type TestTeam } from "../support/team.ts";

const db = new Database(env.DB);
const T0 = Date.parse("2026-09-04T10:30:00Z");
let teamId: string;
beforeEach(() => {
	teamId = `t${randomId(11)}`;
});

const entry = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
	...{ at: T0 + n * 1000, actor: `u-${n % 3}`, role: "admin", act: "thing.change", object: `thing-${n}`, after: { n } },
	...{ requestId: `r-${n}`, outcome: "done" as const },
	...change,
});
const write = async (n: number) => {
	for (let no = 1; no <= n; no++) await commitAudited(db, teamId, [], [entry(no)]);
};
const run = async (text: string, ...values: unknown[]) =>
	await env.DB.prepare(text)
		.bind(...values)
		.run();
const rowsOf = async (id = teamId) =>
	(await env.DB.prepare("SELECT * FROM audit WHERE team_id = ? ORDER BY no").bind(id).all<{ no: number; act: string; hash: string }>())
		.results;

describe("writing", () => {
	test("a change and its record are written together", async () => {
		const [changed] = await commitAudited(
			db,
			teamId,
			[sql`INSERT INTO teams (id, slug, name, epoch, created_at) VALUES (${teamId}, ${teamId}, 'x', 'e', 1) RETURNING id`],
			[entry(1), entry(2)],
		);
		expect(changed).toEqual([{ id: teamId }]);
		expect(await rowsOf()).toMatchObject([
			{ no: 1, after: '{"n":1}', before: null, request_id: "r-1", hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
			{ no: 2, object: "thing-2" },
		]);
		expect(await verifyChain(db, teamId)).toEqual({ rows: 2, ok: true, firstBad: null });
	});

	test("a change that fails leaves no record, and a record that fails leaves no change", async () => {
		await expect(commitAudited(db, teamId, [sql`INSERT INTO nowhere VALUES (1)`], [entry(1)])).rejects.toThrow(/no such table/);
		const change = sql`INSERT INTO teams (id, slug, name, epoch, created_at) VALUES (${teamId}, ${teamId}, 'x', 'e', 1)`;
		await expect(commitAudited(db, teamId, [change], [entry(1, { outcome: null as never })])).rejects.toThrow(/NOT NULL/);
		expect(await rowsOf()).toEqual([]);
		expect(await env.DB.prepare("SELECT count(*) AS n FROM teams WHERE id = ?").bind(teamId).first("n")).toBe(0);
	});

	test("with onlyIfChanged, what changes nothing is not recorded, and the chain goes on", async () => {
		const rename = (id: string) => sql`UPDATE teams SET name = 'y' WHERE id = ${id} RETURNING id`;
		await write(1);
		await run("INSERT INTO teams (id, slug, name, epoch, created_at) VALUES (?1, ?1, 'x', 'e', 1)", teamId);
		expect(await commitAudited(db, teamId, [rename("nobody")], [entry(2), entry(3)], { onlyIfChanged: true })).toEqual([[]]);
		expect(await rowsOf()).toHaveLength(1);
		await commitAudited(db, teamId, [rename(teamId)], [entry(4), entry(5)], { onlyIfChanged: true });
		expect(await verifyChain(db, teamId)).toEqual({ rows: 3, ok: true, firstBad: null });
	});

	test("twenty at once all find their place in the chain, each with its change", async () => {
		await Promise.all(
			Array.from({ length: 20 }, (_, n) =>
				commitAudited(
					db,
					teamId,
					[sql`INSERT INTO teams (id, slug, name, epoch, created_at) VALUES (${`${teamId}${n}`}, ${`${teamId}${n}`}, 'x', 'e', 1)`],
					[entry(n)],
				),
			),
		);
		expect(await verifyChain(db, teamId)).toEqual({ rows: 20, ok: true, firstBad: null });
		expect((await rowsOf()).map(({ no }) => no)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
		expect(await env.DB.prepare("SELECT count(*) AS n FROM teams WHERE id LIKE ?").bind(`${teamId}%`).first("n")).toBe(20);
	});

	test("secrets that people type are masked, and odd characters do not break the chain", async () => {
		const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
		await commitAudited(
			db,
			teamId,
			[],
			[entry(1, { object: `x ${token}`, after: { name: token }, reason: `\0\ud800 ${token} ✓ 'quoted'` })],
		);
		expect(JSON.stringify(await rowsOf())).not.toContain(token);
		expect(await verifyChain(db, teamId)).toMatchObject({ ok: true });
	});
});

describe("fault 38: tampering, done directly in the database", () => {
	const N = 6;
	const all = Array.from({ length: N }, (_, n) => n + 1);
	const finds = async (no: number) => expect(await verifyChain(db, teamId)).toMatchObject({ ok: false, firstBad: { no } });
	beforeEach(() => write(N));

	test.each(all)("editing any column of row %i is found at the row", async (no) => {
		const edits: [column: string, value: unknown][] = [
			...([
				["at", 5],
				["actor", "u-9"],
				["role", null],
				["act", "thing.keep"],
				["object", "other"],
				["before", "{}"],
			] as const),
			...([
				["after", '{"n":0}'],
				["after", null],
				["reason", ""],
				["request_id", null],
				["address", "x"],
				["outcome", "denied"],
			] as const),
			...([
				["hash", ""],
				["hash", "0".repeat(64)],
			] as const),
		] as [string, unknown][];
		for (const [column, value] of edits) {
			const kept = await env.DB.prepare(`SELECT ${column} AS v FROM audit WHERE team_id = ? AND no = ?`).bind(teamId, no).first("v");
			await run(`UPDATE audit SET ${column} = ? WHERE team_id = ? AND no = ?`, value, teamId, no);
			await finds(no);
			await run(`UPDATE audit SET ${column} = ? WHERE team_id = ? AND no = ?`, kept, teamId, no);
		}
		expect(await verifyChain(db, teamId)).toEqual({ rows: N, ok: true, firstBad: null });
	});

	test.each(all)("blanking row %i whole is found at the row", async (no) => {
		await run("UPDATE audit SET actor = '', act = '', object = '', after = NULL, hash = '' WHERE team_id = ? AND no = ?", teamId, no);
		await finds(no);
	});

	test.each(all)("deleting row %i is found, also when the rest is numbered anew, and also after more was written", async (no) => {
		await run("DELETE FROM audit WHERE team_id = ? AND no = ?", teamId, no);
		await finds(no);
		await write(2);
		await finds(no);
		for (let later = no + 1; later <= N + 2; later++) {
			await run("UPDATE audit SET no = no - 1 WHERE team_id = ? AND no = ?", teamId, later);
		}
		await finds(no);
	});

	test.each(all.flatMap((a) => all.filter((b) => b > a).map((b) => [a, b] as const)))(
		"changing the places of %i and %i is found at the first",
		async (a, b) => {
			for (const [from, to] of [
				[a, -1],
				[b, a],
				[-1, b],
			]) {
				await run("UPDATE audit SET no = ? WHERE team_id = ? AND no = ?", to, teamId, from);
			}
			await finds(a);
		},
	);

	test.each(all)("deleting everything from row %i on is found there", async (no) => {
		await run("DELETE FROM audit WHERE team_id = ? AND no >= ?", teamId, no);
		await finds(no);
	});

	test("a row put in at the end, and one from another team, are found", async () => {
		const copy = `INSERT INTO audit SELECT ?, ?, at, actor, role, act, object, before, after, reason, request_id, outcome, address, hash
			FROM audit WHERE team_id = ? AND no = ?`;
		await run(copy, teamId, N + 1, teamId, N);
		await finds(N + 1);
		await run("DELETE FROM audit WHERE team_id = ? AND no = ?", teamId, N + 1);
		const other = `t${randomId(11)}`;
		await commitAudited(db, other, [], [entry(1)]);
		await run("DELETE FROM audit WHERE team_id = ? AND no = 1", teamId);
		await run(copy, teamId, 1, other, 1);
		await finds(1);
	});

	test("and a chain that nobody touched is found whole, through the door", async () => {
		const team = await makeTeam();
		teamId = team.id;
		await write(3);
		await run("UPDATE audit SET actor = actor || '!' WHERE team_id = ? AND no = 2", teamId);
		const check = async () => (await getJson(team, "/api/audit/verify", team.tokens.manager)).body;
		expect(await check()).toMatchObject({ ok: false, first_bad: { no: 2 } });
		await run("UPDATE audit SET actor = rtrim(actor, '!') WHERE team_id = ? AND no = 2", teamId);
		expect(await check()).toEqual({ ok: true, rows: 3, first_bad: null, next: null });
	});

	test("the record of the newest row can't simply be removed or moved", async () => {
		await run("UPDATE audit_heads SET no = no - 1 WHERE team_id = ?", teamId);
		expect(await verifyChain(db, teamId)).toMatchObject({ ok: false });
		await run("DELETE FROM audit_heads WHERE team_id = ?", teamId);
		await finds(N);
	});
});

test("rows older than the chain count as before it, and the first one after them begins it", async () => {
	for (const no of [1, 2]) {
		await run("INSERT INTO audit (team_id, no, at, actor, act, object, outcome) VALUES (?, ?, 1, 'u', 'old.act', 'x', 'done')", teamId, no);
	}
	expect(await verifyChain(db, teamId)).toEqual({ rows: 2, ok: true, firstBad: null });
	await write(3);
	expect(await verifyChain(db, teamId)).toEqual({ rows: 5, ok: true, firstBad: null });
	await run("UPDATE audit SET hash = '' WHERE team_id = ? AND no = 3", teamId);
	expect(await verifyChain(db, teamId)).toMatchObject({ firstBad: { no: 3 } });
});

test("a chain of more than one page is walked whole", async () => {
	await commitAudited(
		db,
		teamId,
		[],
		Array.from({ length: 1100 }, (_, n) => entry(n)),
	);
	expect(await verifyChain(db, teamId)).toEqual({ rows: 1100, ok: true, firstBad: null });
	for (const no of [500, 501, 1100]) {
		await run("UPDATE audit SET actor = actor || '!' WHERE team_id = ? AND no = ?", teamId, no);
		expect(await verifyChain(db, teamId)).toMatchObject({ rows: no, firstBad: { no } });
		await run("UPDATE audit SET actor = rtrim(actor, '!') WHERE team_id = ? AND no = ?", teamId, no);
	}
});

test("a chain of 100,000 rows is walked in steps that each end in time, and the row is named whichever step it is in", async () => {
	const rows = 100_000;
	const big = (n: number) => entry(n, { after: { n, words: "as much text as there usually is in an entry of the audit" } });
	for (let k = 0; k < rows; k += 4000)
		await commitAudited(
			db,
			teamId,
			[],
			Array.from({ length: 4000 }, (_, n) => big(k + n)),
		);
	const inSteps = async (budgetMs: number) => {
		let found = await verifyChain(db, teamId, { budgetMs });
		let steps = 1;
		for (; found.next !== undefined; steps++) {
			expect(found).toMatchObject({ ok: null, firstBad: null, rows: found.next });
			found = await verifyChain(db, teamId, { after: found.next, budgetMs });
		}
		return { found, steps };
	};
	expect(await inSteps(0)).toMatchObject({ found: { rows, ok: true, firstBad: null }, steps: rows / 1000 + 1 });
	expect(await inSteps(5000)).toMatchObject({ found: { rows, ok: true } });
	for (const no of [1, 50_000, 50_001, rows]) {
		await run("UPDATE audit SET actor = actor || '!' WHERE team_id = ? AND no = ?", teamId, no);
		expect((await inSteps(0)).found).toMatchObject({ ok: false, firstBad: { no } });
		await run("UPDATE audit SET actor = rtrim(actor, '!') WHERE team_id = ? AND no = ?", teamId, no);
	}
	await run("DELETE FROM audit WHERE team_id = ? AND no = 50000", teamId);
	expect(await verifyChain(db, teamId, { after: 50_000 })).toMatchObject({ ok: false, firstBad: { no: 50_000 } });
}, 240_000);

describe("denials", () => {
	const denial = (change: Partial<Denial> = {}): Denial => ({
		...{ at: T0, actor: "u-1", role: "viewer", permission: "integrations:manage", object: "POST /api/integrations" },
		...change,
	});

	test("are recorded once per person, permission and minute", async () => {
		await Promise.all([0, 1, 2, 3].map((n) => recordDenial(db, teamId, denial({ at: T0 + n }))));
		await recordDenial(db, teamId, denial({ at: T0 + 20_000 }));
		await recordDenial(db, teamId, denial({ actor: "u-2" }));
		await recordDenial(db, teamId, denial({ permission: "metrics:read" }));
		await recordDenial(db, teamId, denial({ at: T0 + 61_000 }));
		// This isolate remembers another minute by now; the table still knows.
		await recordDenial(db, teamId, denial({ at: T0 + 5 }));
		const rows = await rowsOf();
		expect(rows.map((row) => `${row.act} ${(row as unknown as AuditEntry).actor}`).sort()).toEqual([
			...["integrations:manage u-1", "integrations:manage u-1", "integrations:manage u-2", "metrics:read u-1"],
		]);
		expect(rows[0]).toMatchObject({ outcome: "denied", role: "viewer", object: "POST /api/integrations" });
		expect(await verifyChain(db, teamId)).toMatchObject({ ok: true });
	});

	test("that can't be recorded are no error, and are tried again", async () => {
		const broken = new Database({ prepare: () => ({ bind: () => null }), batch: () => Promise.reject(new Error("D1_ERROR")) } as never);
		await recordDenial(broken, teamId, denial());
		await recordDenial(db, teamId, denial());
		expect(await rowsOf()).toHaveLength(1);
	});
});

describe("GET /api/audit", () => {
	let team: TestTeam;
	beforeEach(async () => {
		team = await makeTeam();
		teamId = team.id;
	});
	const list = async (query = "", token = team.tokens.manager) => {
		const { status, body } = await getJson(team, `/api/audit${query}`, token);
		expect([status, body]).toEqual([200, expect.anything()]);
		return AuditListBody.parse(body);
	};

	test("lists newest first, by pages, with a filter for each word of the contract", async () => {
		await write(9);
		await commitAudited(db, teamId, [], [entry(10, { act: "thinge.change", actor: `u-${teamId}-admin` })]);
		const nos: number[] = [];
		for (let query = "?limit=4"; query; ) {
			const { entries, next_cursor } = await list(query);
			nos.push(...entries.map(({ no }) => no));
			query = next_cursor === null ? "" : `?limit=4&cursor=${next_cursor}`;
		}
		expect(nos).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
		expect((await list()).entries[0]).toMatchObject({ actor_name: expect.stringMatching(/\w+ \w+/), act: "thinge.change" });
		expect((await list("?actor=u-1")).entries.map(({ no }) => no)).toEqual([7, 4, 1]);
		expect((await list("?act=thing")).entries).toHaveLength(9);
		expect((await list("?act=thing.change")).entries).toHaveLength(9);
		expect((await list("?act=thing.chang")).entries).toEqual([]);
		const from = new Date(T0 + 3000).toISOString();
		const to = new Date(T0 + 5000).toISOString();
		expect((await list(`?from=${from}&to=${to}`)).entries.map(({ no }) => no)).toEqual([4, 3]);
	});

	test("needs the manager's role, is the team's own, and refuses what it does not understand", async () => {
		await write(2);
		for (const role of ["viewer", "member"] as const) expect((await getJson(team, "/api/audit", team.tokens[role])).status).toBe(403);
		expect((await getJson(team, "/api/audit", team.ingestToken)).status).toBe(403);
		expect((await ask("/api/audit")).status).toBe(401);
		const other = await makeTeam();
		expect((await getJson(other, "/api/audit", other.tokens.admin)).body).toMatchObject({ entries: [] });
		expect((await getJson(team, `/api/audit?team=${other.slug}`, team.tokens.admin)).status).toBe(404);
		for (const query of ["?from=yesterday", "?cursor=x", `?cursor=${btoa("5~abc")}`, "?format=xml", "?limit=0"]) {
			expect([query, (await getJson(team, `/api/audit${query}`, team.tokens.manager)).status]).toEqual([query, 422]);
		}
		// The refusals stand there too.
		expect((await list()).entries.filter(({ outcome }) => outcome === "done")).toHaveLength(2);
	});

	test("as CSV: the whole log, each cell safe from being run", async () => {
		await commitAudited(
			db,
			teamId,
			[],
			Array.from({ length: 1203 }, (_, n) => entry(n + 1)),
		);
		await commitAudited(db, teamId, [], [entry(0, { object: '=HYPERLINK("http://evil")', reason: "a,b\nc" })]);
		for (const [query, accept] of [
			["", "text/csv"],
			["?format=csv", "*/*"],
		] as const) {
			const answer = await ask(`/api/audit${query}`, { headers: { authorization: `Bearer ${team.tokens.manager}`, accept } });
			expect(answer.status).toBe(200);
			expect(answer.headers.get("content-type")).toMatch(/^text\/csv/);
			expect(answer.headers.get("content-disposition")).toMatch(/^attachment; filename="audit-.*\.csv"$/);
			expect(answer.headers.get("cache-control")).toBe("no-store");
			const lines = (await answer.text()).split("\r\n");
			expect(lines).toHaveLength(1 + 1204 + 1);
			expect(lines[0]).toContain('"no","at","actor"');
			expect(lines[1]).toContain(`"'=HYPERLINK(""http://evil"")"`);
			expect(lines[1]).toContain('"a,b\nc"');
		}
		expect(
			(
				await ask("/api/audit", { headers: { authorization: `Bearer ${team.tokens.manager}`, accept: "application/json, text/csv" } })
			).headers.get("content-type"),
		).toContain("json");
	});

	test.each([0, 1, 500, 501, 1000])("as JSON, a file of %i entries is whole", async (n) => {
		if (n > 0)
			await commitAudited(
				db,
				teamId,
				[],
				Array.from({ length: n }, (_, k) => entry(k + 1)),
			);
		const answer = await ask("/api/audit?format=json", { headers: { authorization: `Bearer ${team.tokens.manager}` } });
		expect(answer.headers.get("content-disposition")).toContain(".json");
		const { entries } = AuditListBody.parse(await answer.json());
		expect(entries.map(({ no }) => no)).toEqual(Array.from({ length: n }, (_, k) => n - k));
	});

	test("says 503, not half a file, while D1 is down", async () => {
		const headers = { authorization: `Bearer ${team.tokens.manager}` };
		setD1Fault("error");
		try {
			expect((await ask("/api/audit?format=csv", { headers })).status).toBe(503);
		} finally {
			setD1Fault("ok");
		}
		expect((await ask("/api/audit?format=csv", { headers })).status).toBe(200);
	});

	test("its check names the row", async () => {
		await write(4);
		const check = async () => AuditVerificationBody.parse((await getJson(team, "/api/audit/verify", team.tokens.manager)).body);
		expect(await check()).toEqual({ ok: true, rows: 4, first_bad: null, next: null });
		await run("UPDATE audit SET actor = 'nobody' WHERE team_id = ? AND no = 3", teamId);
		expect(await check()).toMatchObject({ ok: false, first_bad: { no: 3 } });
		expect((await getJson(team, "/api/audit/verify", team.tokens.member)).status).toBe(403);
	});

	test("the nightly cron notes the head outside of the database", async () => {
		await write(3);
		const ctx = createExecutionContext();
		const controller = createScheduledController({ cron: "0 3 * * *", scheduledTime: new Date(T0) });
		await worker.scheduled(controller, env, ctx);
		await waitOnExecutionContext(ctx);
		const noted = await env.BLOBS.get(`audit/${teamId}/2026-09-04.json`);
		expect(await noted?.json()).toMatchObject({ team: teamId, no: 3, hash: (await rowsOf()).at(-1)?.hash });
	});
});
