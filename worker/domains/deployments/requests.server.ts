import { sql } from "drizzle-orm";
import type { Database, Statement } from "../../database.ts";
import type { Dispatcher, DispatcherKind } from "./dispatch.ts";

/** Deployments that were asked for here, and where such are sent. */

/** A dispatcher without what it is sent with. */
export type ListedDispatcher = Omit<Dispatcher, "secret"> & {
	createdBy: string;
	createdAt: number;
	lastUsedAt: number | null;
	lastResult: string | null;
};

const DISPATCHER = sql.raw(
	"id, kind, environment_id AS environmentId, component, settings, created_by AS createdBy, created_at AS createdAt, last_used_at AS lastUsedAt, last_result AS lastResult",
);

/** The dispatchers of a team, oldest first; never their secrets. */
export async function listDispatchers(db: Database, teamId: string): Promise<ListedDispatcher[]> {
	const rows = await db.all<Omit<ListedDispatcher, "settings"> & { settings: string }>(
		sql`SELECT ${DISPATCHER} FROM dispatchers WHERE team_id = ${teamId} ORDER BY created_at, id`,
	);
	return rows.map((row) => ({ ...row, settings: JSON.parse(row.settings) as Record<string, string> }));
}

/** A dispatcher with its secret, for the sender; null when the team has no such one. */
export async function readDispatcher(db: Database, teamId: string, id: string): Promise<Dispatcher | null> {
	const rows = await db.all<Omit<Dispatcher, "settings"> & { settings: string }>(
		sql`SELECT id, kind, environment_id AS environmentId, component, settings, secret FROM dispatchers WHERE team_id = ${teamId} AND id = ${id}`,
	);
	const [row] = rows;
	return row ? { ...row, settings: JSON.parse(row.settings) as Record<string, string> } : null;
}

/** Store a new dispatcher, unless the team has `max` already; answers its id when it did. */
export function insertDispatcher(
	teamId: string,
	{ id, kind, environmentId, component, settings, secret }: Dispatcher,
	{ by, at, max }: { by: string; at: number; max: number },
): Statement {
	return sql`INSERT INTO dispatchers (team_id, id, kind, environment_id, component, settings, secret, created_by, created_at)
			SELECT ${teamId}, ${id}, ${kind}, ${environmentId}, ${component}, ${JSON.stringify(settings)}, ${secret}, ${by}, ${at}
			WHERE (SELECT count(*) FROM dispatchers WHERE team_id = ${teamId}) < ${max} RETURNING id`;
}

/** Change where a dispatcher sends, or its secret; what is null stays. Answers its id when there was one. */
export function updateDispatcher(
	teamId: string,
	id: string,
	change: { settings: Record<string, string> | null; secret: string | null },
): Statement {
	const settings = change.settings === null ? null : JSON.stringify(change.settings);
	return sql`UPDATE dispatchers SET settings = coalesce(${settings}, settings), secret = coalesce(${change.secret}, secret)
			WHERE team_id = ${teamId} AND id = ${id} RETURNING id`;
}

/** Forget a dispatcher; answers its id when there was one. */
export function deleteDispatcher(teamId: string, id: string): Statement {
	return sql`DELETE FROM dispatchers WHERE team_id = ${teamId} AND id = ${id} RETURNING id`;
}

/** Note what came of using a dispatcher. */
export function noteDispatch(teamId: string, id: string, result: string, at: number): Statement {
	return sql`UPDATE dispatchers SET last_used_at = ${at}, last_result = ${result} WHERE team_id = ${teamId} AND id = ${id}`;
}

export type DeployRequest = {
	id: string;
	environmentId: string;
	environment: string;
	component: string;
	version: string;
	commit: string | null;
	/** Waiting for a second person; sent; not sent; refused by somebody. */
	state: "waiting" | "sent" | "failed" | "declined";
	dispatcherId: string | null;
	dispatcherKind: DispatcherKind | null;
	/** Why it was not sent, or what was said beside it. */
	message: string | null;
	requestedBy: { id: string; name: string };
	requestedAt: number;
	approvedBy: string | null;
	approvedAt: number | null;
};

type RequestRecord = Omit<DeployRequest, "requestedBy"> & { requestedBy: string; requestedByName: string };
const REQUEST = sql.raw(
	`q.id, q.environment_id AS environmentId, e.name AS environment, q.component, q.version, q."commit", q.state, q.dispatcher_id AS dispatcherId,
	 d.kind AS dispatcherKind, q.message, q.requested_by AS requestedBy, q.requested_by_name AS requestedByName, q.requested_at AS requestedAt,
	 q.approved_by AS approvedBy, q.approved_at AS approvedAt`,
);
const REQUESTS = sql.raw(
	`deploy_requests q CROSS JOIN environments e ON e.team_id = q.team_id AND e.id = q.environment_id
	 LEFT JOIN dispatchers d ON d.team_id = q.team_id AND d.id = q.dispatcher_id`,
);
const toRequest = ({ requestedBy, requestedByName, ...row }: RequestRecord): DeployRequest => ({
	...row,
	requestedBy: { id: requestedBy, name: requestedByName },
});

/** What was asked for, newest first. */
export async function listRequests(
	db: Database,
	teamId: string,
	{ environmentId, limit }: { environmentId?: string | undefined; limit: number },
): Promise<DeployRequest[]> {
	const own = environmentId === undefined ? sql`` : sql` AND q.environment_id = ${environmentId}`;
	const rows = await db.all<RequestRecord>(
		sql`SELECT ${REQUEST} FROM ${REQUESTS} WHERE q.team_id = ${teamId}${own} ORDER BY q.requested_at DESC, q.id DESC LIMIT ${limit}`,
	);
	return rows.map(toRequest);
}

/** One that was asked for; null when the team has no such one. */
export async function readRequest(db: Database, teamId: string, id: string): Promise<DeployRequest | null> {
	const rows = await db.all<RequestRecord>(sql`SELECT ${REQUEST} FROM ${REQUESTS} WHERE q.team_id = ${teamId} AND q.id = ${id}`);
	return rows[0] ? toRequest(rows[0]) : null;
}

/** Store what somebody asks for; answers its id unless it is stored already. */
export function insertRequest(
	teamId: string,
	q: Omit<DeployRequest, "environment" | "dispatcherKind" | "approvedBy" | "approvedAt">,
): Statement {
	return sql`INSERT INTO deploy_requests (team_id, id, environment_id, component, version, "commit", state, dispatcher_id, message, requested_by,
				requested_by_name, requested_at)
			VALUES (${teamId}, ${q.id}, ${q.environmentId}, ${q.component}, ${q.version}, ${q.commit}, ${q.state}, ${q.dispatcherId}, ${q.message},
				${q.requestedBy.id}, ${q.requestedBy.name}, ${q.requestedAt}) ON CONFLICT DO NOTHING RETURNING id`;
}

/** Let one that waits go on, or refuse it; answers its id when it waited still. */
export function decideRequest(
	teamId: string,
	id: string,
	decided: { state: "sent" | "declined"; by: string; at: number; message: string | null },
): Statement {
	return sql`UPDATE deploy_requests SET state = ${decided.state}, approved_by = ${decided.by}, approved_at = ${decided.at}, message = ${decided.message}
			WHERE team_id = ${teamId} AND id = ${id} AND state = 'waiting' RETURNING id`;
}

/** Note that one could not be sent. */
export function failRequest(teamId: string, id: string, message: string): Statement {
	return sql`UPDATE deploy_requests SET state = 'failed', message = ${message} WHERE team_id = ${teamId} AND id = ${id} AND state = 'sent'`;
}

/** The person behind a name in the audit: whose token it is, where it is one; null where that is nobody's. */
export async function personOf(db: Database, teamId: string, name: string): Promise<string | null> {
	const tokenId = /^token:(.+)$/.exec(name)?.[1];
	if (tokenId === undefined) return name;
	const rows = await db.all<{ userId: string | null }>(
		sql`SELECT user_id AS userId FROM tokens WHERE team_id = ${teamId} AND id = ${tokenId}`,
	);
	return rows[0]?.userId ?? null;
}
