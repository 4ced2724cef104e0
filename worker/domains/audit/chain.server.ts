import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import { AppError } from "../../errors.ts";
import { sha256Hex } from "../../ids.ts";
import { log } from "../../log.ts";
import { redact } from "../redaction/mask.ts";
import {
	type AuditEntry,
	type AuditRow,
	CHAIN_START,
	chainText,
	type Finding,
	findBreak,
	findBreakAtEnd,
	type Head,
	storable,
	type Verification,
	type Walk,
} from "./model.ts";

/** Writing the audit's chain, and checking it. Nothing else writes these tables, and nothing deletes from them. */

const RETRIES = 5;
/** Whoever lost the race for a number waits a random part of this, doubled each time, before reading the head again. */
const RETRY_MS = 40;
const PAGE_ROWS = 1000;
const MINUTE_MS = 60_000;
/** An address may be as long as its sender likes. */
const OBJECT_MAX = 2000;

const COLUMNS = sql.raw("no, at, actor, role, act, object, before, after, reason, request_id AS requestId, address, outcome, hash");

/**
 * Commit a change together with the audit entries that record it, or neither.
 * With `onlyIfChanged` nothing is recorded when the last of `statements` changed nothing: put the statement that decides there.
 * @returns the rows of each of `statements`
 * @throws AppError unavailable when others were faster five times; whatever the database throws
 */
export async function commitAudited(
	db: Database,
	teamId: string,
	statements: readonly Statement[],
	entries: readonly AuditEntry[],
	{ onlyIfChanged = false } = {},
): Promise<unknown[][]> {
	return await commitWhere(db, teamId, { statements, entries, condition: onlyIfChanged ? sql`changes() > 0` : sql`true` });
}

type Commit = { statements: readonly Statement[]; entries: readonly AuditEntry[]; condition: Statement };

async function commitWhere(db: Database, teamId: string, { statements, entries, condition }: Commit): Promise<unknown[][]> {
	if (entries.length === 0) return await db.batch(statements);
	for (let tries = 0; tries <= RETRIES; tries++) {
		if (tries > 0) await new Promise((done) => setTimeout(done, Math.random() * RETRY_MS * 2 ** tries));
		const rows = await chainRows(teamId, await readEnd(db, teamId), entries);
		try {
			const answers = await db.batch([...statements, insertRows(teamId, rows, condition), moveHead(teamId, rows)]);
			return answers.slice(0, statements.length);
		} catch (error) {
			if (!isNumberTaken(error)) throw error;
		}
	}
	throw new AppError("unavailable", "Many changes are being made in this team at once. Try again in a few seconds.");
}

function isNumberTaken(error: unknown): boolean {
	let text = "";
	for (let e: unknown = error; e instanceof Error; e = e.cause) text += e.message;
	return /UNIQUE constraint failed: audit\.team_id, audit\.no/.test(text);
}

/** Which number and hash the next row follows. The head decides, so that rows taken off the end leave a gap that stays visible. */
async function readEnd(db: Database, teamId: string): Promise<{ no: number; hash: string }> {
	const [head, last] = (await db.batch([
		sql`SELECT no, hash FROM audit_heads WHERE team_id = ${teamId}`,
		sql`SELECT no, hash FROM audit WHERE team_id = ${teamId} ORDER BY no DESC LIMIT 1`,
	])) as { no: number; hash: string }[][];
	const end = head?.[0] ?? last?.[0] ?? CHAIN_START;
	return { no: Math.max(end.no, last?.[0]?.no ?? 0), hash: end.hash };
}

async function chainRows(teamId: string, end: { no: number; hash: string }, entries: readonly AuditEntry[]): Promise<AuditRow[]> {
	const rows: AuditRow[] = [];
	let { no, hash } = end;
	for (const entry of entries) {
		no += 1;
		const row = rowOf(entry, no);
		hash = await sha256Hex(chainText(teamId, hash, row));
		rows.push({ ...row, hash });
	}
	return rows;
}

/** What people type ends up here, so it is masked like everything else that is kept. */
function rowOf(entry: AuditEntry, no: number): Omit<AuditRow, "hash"> {
	const masked = (text: string) => redact(storable(text)).text;
	const json = (value: unknown) => (value === undefined || value === null ? null : masked(JSON.stringify(value)));
	const orNull = (text: string | null | undefined) => (text === undefined || text === null ? null : masked(text));
	return {
		...{ no, at: entry.at, actor: storable(entry.actor), role: entry.role, act: storable(entry.act), object: masked(entry.object) },
		...{ before: json(entry.before), after: json(entry.after), reason: orNull(entry.reason), requestId: orNull(entry.requestId) },
		...{ address: orNull(entry.address), outcome: entry.outcome },
	};
}

/** One statement for all rows, so that `changes()` in its condition speaks of the change and not of another row of the audit. */
function insertRows(teamId: string, rows: readonly AuditRow[], condition: Statement): Statement {
	return sql`INSERT INTO audit (team_id, no, at, actor, role, act, object, before, after, reason, request_id, address, outcome, hash)
			SELECT ${teamId}, value ->> 'no', value ->> 'at', value ->> 'actor', value ->> 'role', value ->> 'act', value ->> 'object',
				value ->> 'before', value ->> 'after', value ->> 'reason', value ->> 'requestId', value ->> 'address', value ->> 'outcome',
				value ->> 'hash'
			FROM json_each(${JSON.stringify(rows)}) WHERE ${condition}`;
}

/** The head goes where the rows went, and nowhere when they were not written. */
function moveHead(teamId: string, rows: readonly AuditRow[]): Statement {
	const first = rows[0] as AuditRow;
	const last = rows.at(-1) as AuditRow;
	return sql`INSERT INTO audit_heads (team_id, since, no, hash) SELECT ${teamId}, ${first.no}, ${last.no}, ${last.hash} WHERE changes() > 0
			ON CONFLICT(team_id) DO UPDATE SET no = excluded.no, hash = excluded.hash`;
}

/** Where a team's chain ends; null for a team without one. */
export async function readAuditHead(db: Database, teamId: string): Promise<Head | null> {
	const rows = await db.all<Head>(sql`SELECT since, no, hash FROM audit_heads WHERE team_id = ${teamId}`);
	return rows[0] ?? null;
}

/**
 * Walk a team's chain from its first row to its last, 1,000 rows at a time, or as far as the time allows: 100,000 rows take some
 * three seconds where the database is near. Each row is checked against what stands in the row before it, so a walk that goes on
 * after a row trusts nobody's word about the rows up to there.
 * @returns how far it came, and the first row at which the chain breaks
 */
export async function verifyChain(
	db: Database,
	teamId: string,
	{ after = 0, budgetMs = Number.POSITIVE_INFINITY }: { after?: number; budgetMs?: number } = {},
): Promise<Verification> {
	const until = Date.now() + budgetMs;
	const before = await readAuditHead(db, teamId);
	// Without a head there should be no chain at all; a row with a hash says that there was one.
	const since = before?.since ?? Number.POSITIVE_INFINITY;
	const begun = after === 0 ? CHAIN_START : await readWalk(db, teamId, after);
	if (begun === null) return { rows: after, ok: false, firstBad: { no: after, why: "this row is missing" } };
	let walk = begun;
	let hashThere = walk.no === before?.no ? walk.hash : null;
	let rows = after;
	// Also what somebody put before the first number is read.
	let last = after === 0 ? Number.MIN_SAFE_INTEGER : after;
	for (;;) {
		const page = await db.all<AuditRow>(
			sql`SELECT ${COLUMNS} FROM audit WHERE team_id = ${teamId} AND no > ${last} ORDER BY no LIMIT ${PAGE_ROWS}`,
		);
		// Each row is hashed after the hash that stands in the row before it, so a page's hashes can be made side by side.
		const hashes = await Promise.all(page.map((row, n) => sha256Hex(chainText(teamId, (page[n - 1] ?? walk).hash, row))));
		for (const [n, row] of page.entries()) {
			rows += 1;
			const firstBad = findBreak(walk, row, { expectedHash: hashes[n] as string, since });
			if (firstBad) return { rows, ok: false, firstBad: (await findInserted(db, teamId, walk.no, row)) ?? firstBad };
			if (row.no === before?.no) hashThere = row.hash;
			walk = { no: row.no, hash: row.hash };
			last = row.no;
		}
		if (page.length < PAGE_ROWS) break;
		if (Date.now() >= until) return { rows, ok: null, firstBad: null, next: walk.no };
	}
	const firstBad = findBreakAtEnd(walk, { before, hashThere, after: await readAuditHead(db, teamId) });
	return { rows, ok: firstBad === null, firstBad };
}

/**
 * The first of rows that somebody appended by hand, in good order, before the chain went on: what follows them was chained to the row
 * before them. Null when `row`, at which the chain breaks, follows no earlier row either.
 */
async function findInserted(db: Database, teamId: string, upTo: number, row: AuditRow): Promise<Finding | null> {
	const earlier = await db.all<{ no: number; hash: string }>(
		sql`SELECT no, hash FROM audit WHERE team_id = ${teamId} AND no < ${upTo} AND no > 0 ORDER BY no DESC LIMIT ${PAGE_ROWS}`,
	);
	for (const { no, hash } of earlier) {
		if ((await sha256Hex(chainText(teamId, hash, row))) === row.hash) return { no: no + 1, why: "this row was not written by OpsSight" };
	}
	return null;
}

/** Where a walk stands that came as far as a row; null when there is no such row. */
async function readWalk(db: Database, teamId: string, no: number): Promise<Walk | null> {
	const rows = await db.all<Walk>(sql`SELECT no, hash FROM audit WHERE team_id = ${teamId} AND no = ${no}`);
	return rows[0] ?? null;
}

/** Somebody who may not: `permission` is what they lacked, `object` the route or the thing. */
export type Denial = {
	at: number;
	actor: string;
	role: string | null;
	permission: string;
	object: string;
	reason?: string | null;
	requestId?: string | null;
	address?: string | null;
};

/** An address as people read it: what is masked must not hide behind its percent codes. */
function readable(object: string): string {
	try {
		return redact(decodeURIComponent(object)).text.slice(0, OBJECT_MAX);
	} catch {
		return redact(object).text.slice(0, OBJECT_MAX);
	}
}

/** Denials that this isolate has recorded or seen recorded in the current minute, so that a flood of them costs no database. */
let noted = { minute: 0, keys: new Set<string>() };

/**
 * Record that somebody was refused: once per person, permission and minute, in the audit of `teamId`.
 * @throws never: a refusal is answered whether it could be recorded or not
 */
export async function recordDenial(db: Database, teamId: string, denial: Denial): Promise<void> {
	const { permission, ...entry } = denial;
	const minute = Math.floor(denial.at / MINUTE_MS);
	if (noted.minute !== minute) noted = { minute, keys: new Set() };
	const key = `${teamId} ${denial.actor} ${permission}`;
	if (noted.keys.has(key)) return;
	noted.keys.add(key);
	const sinceAt = minute * MINUTE_MS;
	const isFirst = sql`NOT EXISTS (SELECT 1 FROM audit WHERE team_id = ${teamId} AND at >= ${sinceAt} AND at < ${sinceAt + MINUTE_MS}
			AND outcome = 'denied' AND actor = ${storable(denial.actor)} AND act = ${permission})`;
	try {
		const entries: AuditEntry[] = [{ ...entry, object: readable(denial.object), act: permission, outcome: "denied" }];
		await commitWhere(db, teamId, { statements: [], entries, condition: isFirst });
	} catch (error) {
		noted.keys.delete(key);
		log("warn", "a denial could not be recorded", { team: teamId, actor: denial.actor, permission, error: String(error) });
	}
}
