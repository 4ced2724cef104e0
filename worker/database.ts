import type { SQL } from "drizzle-orm";
import { SQLiteAsyncDialect } from "drizzle-orm/sqlite-core";

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
 * D1 as every store sees it. Drizzle writes the SQL and owns the tables; its own D1 session is not used because its `batch`
 * can't bind the parameters of raw statements (drizzle-orm 0.45).
 */
export class Database {
	readonly #d1: D1Binding;

	constructor(d1: D1Binding) {
		this.#d1 = d1;
	}

	/** The rows of one statement. */
	async all<Row>(statement: Statement): Promise<Row[]> {
		return (await this.#prepare(statement).all()).results as Row[];
	}

	/** Run one statement; how many rows it changed. */
	async run(statement: Statement): Promise<number> {
		return (await this.#prepare(statement).all()).meta.changes ?? 0;
	}

	/** Run statements as one transaction; the rows of each. */
	async batch(statements: readonly Statement[]): Promise<unknown[][]> {
		if (statements.length === 0) return [];
		const prepared = statements.map((statement) => this.#prepare(statement)) as never[];
		return (await this.#d1.batch(prepared)).map(({ results }) => results);
	}

	#prepare(statement: Statement): Prepared {
		const { sql, params } = dialect.sqlToQuery(statement);
		const prepared = this.#d1.prepare(sql);
		return params.length > 0 ? prepared.bind(...params) : prepared;
	}
}
