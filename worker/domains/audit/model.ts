/** What the audit is made of: entries, rows, the text that is hashed, and what a check of the chain finds. */

/** An act as whoever does it describes it; the chain gives it a number and a hash. */
export type AuditEntry = {
	/** Epoch ms. */
	at: number;
	/** A user id, `token:<id>`, or `system`. */
	actor: string;
	role: string | null;
	/** `noun.verb`; a denial has the permission that was missing. */
	act: string;
	object: string;
	before?: unknown;
	after?: unknown;
	reason?: string | null;
	requestId?: string | null;
	/** The first part of the sender's address, never the whole. */
	address?: string | null;
	outcome: "done" | "denied";
};

/** A row as it is stored: `before` and `after` are JSON texts, `hash` is empty in rows older than the chain. */
export type AuditRow = {
	no: number;
	at: number;
	actor: string;
	role: string | null;
	act: string;
	object: string;
	before: string | null;
	after: string | null;
	reason: string | null;
	requestId: string | null;
	address: string | null;
	outcome: "done" | "denied";
	hash: string;
};

/** The row at which a chain breaks, and in which way. */
export type Finding = { no: number; why: string };
/**
 * What a check of the chain came to: `rows` are those looked at, counted from the first. A check that ran out of time says so by
 * `next`, the number to go on after; whether the chain is whole is not known until then.
 */
export type Verification = { rows: number; ok: boolean | null; firstBad: Finding | null; next?: number };

/** Where a team's chain ends: the newest number and its hash; `since` is the first number that is part of the chain. */
export type Head = { since: number; no: number; hash: string };

/**
 * The text a row's hash is made of. It begins with the hash before it and names team and number, so that no row can be changed,
 * taken out, moved or brought to another team without breaking its own hash or the next.
 */
export function chainText(teamId: string, previousHash: string, row: Omit<AuditRow, "hash">): string {
	const { no, at, actor, role, act, object, before, after, reason, requestId, address, outcome } = row;
	return `${previousHash}\n${JSON.stringify([teamId, no, at, actor, role, act, object, before, after, reason, requestId, address, outcome])}`;
}

/** A text as the database will give it back: no lone surrogates, no NUL. Anything else would be stored as something else than was hashed. */
export function storable(text: string): string {
	return text.toWellFormed().replaceAll("\0", "\ufffd");
}

/** Where a walk along the chain stands: what the next row is expected to follow. */
export type Walk = { no: number; hash: string };

/** The beginning of every chain. */
export const CHAIN_START: Walk = { no: 0, hash: "" };

/**
 * What is wrong with a row that follows `walk`, or null.
 * @param expectedHash of the row as it stands, made with `walk.hash`
 * @param since the first number of the chain: rows before it have no hash
 */
export function findBreak(walk: Walk, row: AuditRow, { expectedHash, since }: { expectedHash: string; since: number }): Finding | null {
	// Numbers of ours are whole and begin at 1: what stands before or between them was put there.
	if (row.no < walk.no + 1) return { no: row.no, why: "this row was not written by OpsSight" };
	if (row.no !== walk.no + 1) return { no: walk.no + 1, why: "this row is missing" };
	const isBeforeChain = row.hash === "" && walk.hash === "" && row.no < since;
	if (isBeforeChain) return null;
	if (row.hash === "") return { no: row.no, why: "this row's hash was removed" };
	if (row.hash !== expectedHash) return { no: row.no, why: "this row is not what was written, or does not stand where it was written" };
	return null;
}

/**
 * What is wrong with the end of a chain, or null: every row may be in order, and the last ones gone.
 * @param before the head as it was when the walk began, with the hash that the walk saw at its number
 * @param after the head once the walk was through: rows may have been written meanwhile
 */
export function findBreakAtEnd(
	walk: Walk,
	{ before, hashThere, after }: { before: Head | null; hashThere: string | null; after: Head | null },
): Finding | null {
	if (before === null) return walk.hash === "" ? null : { no: walk.no, why: "the record of the newest row is gone" };
	if (walk.no < before.no) return { no: walk.no + 1, why: "this row is missing" };
	if (hashThere !== before.hash) return { no: before.no, why: "this row is not the one that was written last" };
	if (after !== null && walk.no > after.no) return { no: after.no + 1, why: "this row was not written by OpsSight" };
	return null;
}
