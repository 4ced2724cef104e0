import type { Tally, TallyChange } from "../../wire/live.ts";
import { addTally, bucketStart, emptyTally } from "./tally.ts";

/** One row of a rollup table. `repo` and `workflow` are both empty in the rows that sum the whole team. */
export type RollupRow = { repo: string; workflow: string; at: number; tally: Tally };

/** A rollup row's identity within its table. */
export function rollupKey(row: { repo: string; workflow: string; at: number }): string {
	return `${row.repo}\n${row.workflow}\n${row.at}`;
}

/**
 * Which rows of a table a commit changes, and by how much: each change counts in its workflow's row and in the whole
 * team's, so that a dashboard without filters reads one row a bucket however many repositories there are.
 */
export function rollupChanges(changes: readonly TallyChange[], groupBy: "hour" | "day"): Map<string, RollupRow> {
	const rows = new Map<string, RollupRow>();
	const add = (repo: string, workflow: string, at: number, tally: Tally) => {
		const key = rollupKey({ repo, workflow, at });
		let row = rows.get(key);
		if (!row) {
			row = { repo, workflow, at, tally: emptyTally() };
			rows.set(key, row);
		}
		addTally(row.tally, tally);
	};
	for (const { hour, repo, workflow, tally } of changes) {
		const at = bucketStart(hour, groupBy);
		add(repo, workflow, at, tally);
		add("", "", at, tally);
	}
	return rows;
}

/** The rows after the changes, given the rows before them (missing ones count as nothing). */
export function rollupsAfter(changes: ReadonlyMap<string, RollupRow>, before: ReadonlyMap<string, RollupRow>): RollupRow[] {
	return [...changes].map(([key, change]) => {
		const tally = emptyTally();
		const known = before.get(key);
		if (known) addTally(tally, known.tally);
		addTally(tally, change.tally);
		return { ...change, tally };
	});
}
