import type { AuditEntryBody } from "../../wire/api.ts";
import type { AuditRow } from "./model.ts";

/** The audit as the public API speaks of it. */

/** A row with the name that its actor has today, null for one that is gone. */
export type NamedAuditRow = AuditRow & { actorName: string | null };

/** An entry in a list. */
export function toAuditBody(row: NamedAuditRow): AuditEntryBody {
	const { no, actor, role, act, object, reason, address, outcome, hash } = row;
	return {
		...{ no, at: new Date(row.at).toISOString(), actor, actor_name: row.actorName, role, act, object },
		...{ before: parsed(row.before), after: parsed(row.after), reason, request_id: row.requestId, address, outcome, hash },
	};
}

/** A row that somebody edited by hand must not stop the list: what is no JSON is shown as the text it is. */
function parsed(text: string | null): unknown {
	if (text === null) return null;
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
