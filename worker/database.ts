import type { SQL } from "drizzle-orm";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";
import { withPatience } from "./patience.ts";

/**
 * One statement: SQL with its parameters, as drizzle's `sql` makes it. Verbs and stores build statements; a batch commits them
 * together or not at all.
 */
export type Statement = SQL;

/** As much of a D1 binding as is used here; named by its shape, so that pages can import stores without the platform's types. */
type Prepared = { bind: (...values: unknown[]) => Prepared; all: () => Promise<{ results: unknown[]; meta: { changes?: number } }> };
export type D1Binding = {
	prepare: (text: string) => Prepared;
	batch: (prepared: never[]) => Promise<{ results: unknown[]; meta: { changes?: number } }[]>;
};

const dialect = new SQLiteAsyncDialect();

/**
 * What D1 says when the same question may be answered a moment later. Not "overloaded": asking again would make that worse.
 * @source https://developers.cloudflare.com/d1/observability/debug-d1/
 */
const PASSING = /Network connection lost|object to be reset|because its code was updated|internal error|database is locked/i;
const WRITES = /\b(insert|update|delete|replace)\b/i;
/** At most; the wait is random, so that what failed together does not come back together. */
const AGAIN_MS = 60;

/**
 * D1 as every store sees it. Drizzle writes the SQL and owns the tables; its own D1 session is not used because its `batch`
 * can't bind the parameters of raw statements (drizzle-orm 0.45).
 */
export class Database {
	readonly #d1: D1Binding;
	readonly #patienceMs: number | null;

	/** With `patienceMs` whoever asks is not kept waiting any longer; a write that was given up may still happen. */
	constructor(d1: D1Binding, patienceMs: number | null = null) {
		this.#d1 = d1;
		this.#patienceMs = patienceMs;
	}

	/** The rows of one statement. A read that met a passing failure is asked once more. */
	async all<Row>(statement: Statement): Promise<Row[]> {
		const ask = () => this.#prepare(statement).all();
		return (await this.#patiently(onceMore(ask, [statement]))).results as Row[];
	}

	/** Run one statement; how many rows it changed. */
	async run(statement: Statement): Promise<number> {
		return (await this.#patiently(this.#prepare(statement).all())).meta.changes ?? 0;
	}

	/** Run statements as one transaction; the rows of each. Reads alone are asked once more after a passing failure. */
	async batch(statements: readonly Statement[]): Promise<unknown[][]> {
		if (statements.length === 0) return [];
		const ask = () => this.#d1.batch(statements.map((statement) => this.#prepare(statement)) as never[]);
		return (await this.#patiently(onceMore(ask, statements))).map(({ results }) => results);
	}

	async #patiently<T>(asking: Promise<T>): Promise<T> {
		const ms = this.#patienceMs;
		return ms === null ? await asking : await withPatience(asking, ms, () => new Error(`D1_ERROR: no answer within ${ms} ms`));
	}

	#prepare(statement: Statement): Prepared {
		const { sql, params } = dialect.sqlToQuery(statement);
		const prepared = this.#d1.prepare(sql);
		return params.length > 0 ? prepared.bind(...params) : prepared;
	}
}

/** Ask, and once more if that was no more than bad luck. Writes are left to who knows whether they may be repeated. */
async function onceMore<T>(ask: () => Promise<T>, statements: readonly Statement[]): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		const isRead = statements.every((statement) => !WRITES.test(dialect.sqlToQuery(statement).sql));
		if (!isRead || !PASSING.test(wordsOf(error))) throw error;
		await new Promise((done) => setTimeout(done, Math.random() * AGAIN_MS));
		return await ask();
	}
}

function wordsOf(error: unknown): string {
	let words = "";
	for (let e: unknown = error; e instanceof Error; e = e.cause) words += `${e.message}\n`;
	return words;
}
