import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toAuditBody } from "#worker/domains/audit/api";
import { CSV_HEAD, csvCell, csvEntry } from "#worker/domains/audit/csv";
import { type AuditRow, CHAIN_START, chainText, findBreak, findBreakAtEnd, storable } from "#worker/domains/audit/model";

const row = (change: Partial<AuditRow> = {}): AuditRow => ({
	...{
		no: 1,
		at: 1_800_000_000_000,
		actor: "u-1",
		role: "admin",
		act: "integration.rotate",
		object: "i-1",
		before: null,
		after: '{"slot":1}',
	},
	...{ reason: null, requestId: "r-1", address: "203.0.113.0/24", outcome: "done" as const, hash: "h1" },
	...change,
});

test("the hashed text differs for every column, for the hash before and for the team", () => {
	const texts = [
		chainText("t1", "", row()),
		chainText("t2", "", row()),
		chainText("t1", "h0", row()),
		...(
			[
				...[{ no: 2 }, { at: 1 }, { actor: "u-2" }, { role: null }, { act: "x" }, { object: "x" }, { before: "1" }, { after: null }],
				...[{ reason: "x" }, { requestId: null }, { address: null }, { outcome: "denied" as const }],
			] satisfies Partial<AuditRow>[]
		).map((change) => chainText("t1", "", row(change))),
	];
	expect(new Set(texts).size).toBe(texts.length);
	expect(chainText("t1", "", row({ hash: "other" }))).toBe(chainText("t1", "", row()));
});

test("a value cannot pass for two", () => {
	expect(chainText("t1", "", row({ actor: 'u","admin', role: "x" }))).not.toBe(chainText("t1", "", row({ actor: "u", role: 'admin","x' })));
});

test("what the database would change is changed before it is hashed", () => {
	expect(storable("a\0b\ud800c\u{1f600}")).toBe("a\ufffdb\ufffdc\u{1f600}");
});

test.each([
	["the row that follows", { no: 1, hash: "h0" }, row({ no: 2 }), null],
	["the first row of all", CHAIN_START, row(), null],
	["an old row before the chain", { no: 1, hash: "" }, row({ no: 2, hash: "" }), null],
	["the first row with a hash after old ones", { no: 2, hash: "" }, row({ no: 3 }), null],
	["a gap", { no: 1, hash: "h0" }, row({ no: 3 }), { no: 2, why: expect.stringContaining("missing") }],
	["a missing first row", CHAIN_START, row({ no: 2 }), { no: 1, why: expect.stringContaining("missing") }],
	["another hash", { no: 1, hash: "h0" }, row({ no: 2, hash: "x" }), { no: 2, why: expect.stringContaining("not what was written") }],
	["a hash taken away", { no: 3, hash: "h0" }, row({ no: 4, hash: "" }), { no: 4, why: expect.stringContaining("removed") }],
	["the first hash taken away", { no: 2, hash: "" }, row({ no: 3, hash: "" }), { no: 3, why: expect.stringContaining("removed") }],
])("a walk along the chain: %s", (_name, walk, next, found) =>
	expect(findBreak(walk, next, { expectedHash: "h1", since: 3 })).toEqual(found),
);

const head = { since: 1, no: 5, hash: "h5" };
test.each([
	["it ends at the head", { no: 5, hash: "h5" }, { before: head, hashThere: "h5", after: head }, null],
	["rows were written meanwhile", { no: 6, hash: "h6" }, { before: head, hashThere: "h5", after: { ...head, no: 7 } }, null],
	["a team without a row", CHAIN_START, { before: null, hashThere: null, after: null }, null],
	["the last row is gone", { no: 4, hash: "h4" }, { before: head, hashThere: null, after: head }, 5],
	["all rows are gone", CHAIN_START, { before: head, hashThere: null, after: head }, 1],
	["the last row was written anew", { no: 5, hash: "x" }, { before: head, hashThere: "x", after: head }, 5],
	["a row too many", { no: 6, hash: "h6" }, { before: head, hashThere: "h5", after: head }, 6],
	["the head is gone", { no: 5, hash: "h5" }, { before: null, hashThere: null, after: null }, 5],
])("the end of the chain: %s", (_name, walk, ends, no) => expect(findBreakAtEnd(walk, ends)?.no ?? null).toBe(no));

test.each([
	["=1+1", `"'=1+1"`],
	['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
	["+1", `"'+1"`],
	["-2+3", `"'-2+3"`],
	["@SUM(A1)", `"'@SUM(A1)"`],
	["  =1", `"'  =1"`],
	["\t=1", `"'\t=1"`],
	["\tx", `"'\tx"`],
	["\r\n=1", `"'\r\n=1"`],
	["＝1", `"'＝1"`],
	["plain, with a comma", `"plain, with a comma"`],
	['say "hi"', `"say ""hi"""`],
	["a=1", `"a=1"`],
	[-5, `"-5"`],
	[null, `""`],
])("the CSV cell of %j is safe", (value, cell) => expect(csvCell(value)).toBe(cell));

test("an entry is one line with as many cells as the head", () => {
	const line = csvEntry(toAuditBody({ ...row({ reason: "=cmd" }), actorName: "Ada, the first" }));
	expect(line.split('","')).toHaveLength(CSV_HEAD.split('","').length);
	expect(line).toContain(`"Ada, the first"`);
	expect(line).toContain(`"{""slot"":1}"`);
	expect(line).toContain(`"'=cmd"`);
	expect(line.endsWith('"\r\n')).toBe(true);
});

test("a row that somebody edited into something that is no JSON is still shown", () =>
	expect(toAuditBody({ ...row({ after: "{oops" }), actorName: null }).after).toBe("{oops"));

test("only the chain writes the audit, and nothing deletes from it", () => {
	const root = new URL("../../worker/", import.meta.url);
	const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
	const writers = files.filter((name) => /\b(INTO|UPDATE|DELETE FROM)\s+audit(_heads)?\b/i.test(readFileSync(new URL(name, root), "utf8")));
	expect(writers).toEqual(["domains/audit/chain.server.ts"]);
	expect(readFileSync(new URL("domains/audit/chain.server.ts", root), "utf8")).not.toMatch(/DELETE FROM|UPDATE audit\b/);
});
