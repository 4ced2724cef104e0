import { sql } from "drizzle-orm";
import type { Statement } from "../../database.ts";

export type AuditEntry = {
	teamId: string;
	at: number;
	actor: string;
	role: string | null;
	act: string;
	object: string;
	before?: unknown;
	after?: unknown;
	reason?: string | null;
	requestId?: string | null;
	address?: string | null;
	outcome: "done" | "denied";
};

/**
 * The statement that records an act; it belongs into the batch of the change it records.
 * With `onlyIfChanged` it records nothing when the statement just before it changed nothing.
 */
export function insertAudit(entry: AuditEntry, { onlyIfChanged = false } = {}): Statement {
	return sql`INSERT INTO audit (team_id, no, at, actor, role, act, object, before, after, reason, request_id, address, outcome)
			SELECT ${entry.teamId}, coalesce(max(no), 0) + 1, ${entry.at}, ${entry.actor}, ${entry.role}, ${entry.act}, ${entry.object},
				${entry.before === undefined ? null : JSON.stringify(entry.before)}, ${entry.after === undefined ? null : JSON.stringify(entry.after)},
				${entry.reason ?? null}, ${entry.requestId ?? null}, ${entry.address ?? null}, ${entry.outcome}
			FROM audit WHERE team_id = ${entry.teamId}${onlyIfChanged ? sql` HAVING changes() > 0` : sql``}`;
}
