// The database answers no question twice that was not a question.
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { type D1Binding, Database } from "#worker/database";

/** A D1 that fails as often as it is told to, and counts. */
function d1Failing(words: string, times: number) {
	let asked = 0;
	const ask = async () => {
		asked += 1;
		if (asked <= times) throw new Error("D1_ERROR", { cause: new Error(words) });
		return { results: [{ n: 1 }], meta: {} };
	};
	const prepared: ReturnType<D1Binding["prepare"]> = { bind: () => prepared, all: ask };
	return { db: new Database({ prepare: () => prepared, batch: async () => [await ask()] }), asked: () => asked };
}

const READ = sql`SELECT id, updated_at FROM runs WHERE id = ${"insert"}`;
const WRITE = sql`UPDATE runs SET n = 1 RETURNING id`;

test.each(["Network connection lost.", "internal error; reference = 6puj", "database is locked: SQLITE_BUSY"])(
	"a read is asked once more after %s",
	async (words) => {
		const one = d1Failing(words, 1);
		expect(await one.db.all(READ)).toEqual([{ n: 1 }]);
		expect(await d1Failing(words, 1).db.batch([READ, READ])).toEqual([[{ n: 1 }]]);
		const down = d1Failing(words, 9);
		await expect(down.db.all(READ)).rejects.toThrow("D1_ERROR");
		expect([one.asked(), down.asked()]).toEqual([2, 2]);
	},
);

test.each([
	["a write", "Network connection lost.", WRITE],
	["a database that has too much to do", "D1 DB is overloaded. Requests queued for too long.", READ],
	["a question that makes no sense", "no such column: n", READ],
])("%s is not asked again", async (_, words, statement) => {
	const all = d1Failing(words, 1);
	await expect(all.db.all(statement)).rejects.toThrow();
	const batch = d1Failing(words, 1);
	await expect(batch.db.batch([READ, statement])).rejects.toThrow();
	expect([all.asked(), batch.asked()]).toEqual([1, 1]);
});

test("who has a patience is not kept waiting by a database that never answers", async () => {
	const never = () => new Promise<never>(() => {});
	const prepared: ReturnType<D1Binding["prepare"]> = { bind: () => prepared, all: never };
	const db = new Database({ prepare: () => prepared, batch: never }, 5);
	for (const asking of [db.all(READ), db.run(WRITE), db.batch([READ, WRITE])]) await expect(asking).rejects.toThrow("no answer");
});
