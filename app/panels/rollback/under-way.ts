import type { RollbackRow } from "#worker/wire/deployments";

/** Which rollbacks every page shows. Apart from the words, so that the frame carries no more than it needs. */

/** How long a strip stays after its rollback has ended. */
const STRIP_AFTER_MS = 120_000;

/** Whether its command is not decided yet: then no other one can be asked for there. */
export function isOpen({ kind, state }: Pick<RollbackRow, "kind" | "state">): boolean {
	return kind === "rollback" && (state === "pending" || state === "claimed" || state === "cancelling");
}

/** Whether it is still going on: the command itself, or watching whether the service comes back. */
export function isUnderWay({ state, recovery }: Pick<RollbackRow, "state" | "recovery">): boolean {
	return state === "pending" || state === "claimed" || state === "cancelling" || (state === "succeeded" && recovery === "watching");
}

/** When it ended; null while it goes on. Unknown has no end until somebody settles it. */
export function endedAt(row: RollbackRow): number | null {
	if (isUnderWay(row) || row.state === "unknown") return null;
	return row.recoveredAt ?? row.finishedAt;
}

/** Whether every page shows it: under way, or ended within the last two minutes. */
export function isInStrip(row: RollbackRow, now: number): boolean {
	if (row.kind !== "rollback") return false;
	if (isUnderWay(row)) return true;
	const end = endedAt(row) ?? row.deadlineAt;
	return now - end < STRIP_AFTER_MS;
}

/** Of two tellings of one rollback the one that knows more; the newer to come where they know the same. */
export function newerOf(known: RollbackRow | undefined, told: RollbackRow): RollbackRow {
	return known && knowledgeOf(known) > knowledgeOf(told) ? known : told;
}

/** Grows as a rollback goes on: its end weighs most, then whether the service is back, then the stages it has reached. */
function knowledgeOf({ state, recovery, stages, note, applied }: RollbackRow): number {
	const end = state === "pending" ? 0 : state === "claimed" ? 1 : state === "cancelling" ? 2 : state === "unknown" ? 3 : 4;
	const back = recovery === null ? 0 : recovery === "watching" ? 1 : 2;
	return end * 1000 + back * 100 + stages.length * 4 + (applied ? 2 : 0) + (note === null ? 0 : 1);
}
