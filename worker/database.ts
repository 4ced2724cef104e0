import type { BatchItem } from "drizzle-orm/batch";
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";
import { currentD1Fault, failingD1 } from "./dev/faults.ts";

/** D1 through drizzle: what every store takes. */
export type Database = DrizzleD1Database;

/** One statement of a batch. Verbs and stores build statements; a batch commits them together or not at all. */
export type Statement = BatchItem<"sqlite">;

/** Open the database a binding names; in development a fault may be injected in its place (`POST /dev/faults`). */
export function openDatabase(d1: D1Database): Database {
	const fault = currentD1Fault();
	return drizzle(fault === "ok" ? d1 : failingD1(fault));
}

/** Run statements as one implicit transaction, whatever their number. */
export async function runBatch(db: Database, statements: Statement[]): Promise<unknown[]> {
	if (statements.length === 0) return [];
	return (await db.batch(statements as [Statement, ...Statement[]])) as unknown[];
}
