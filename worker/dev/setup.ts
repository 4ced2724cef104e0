import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "../database.ts";
import { ROLES, type Role, readCookie, SESSION_COOKIE, SESSION_MAX_MS, scopesOfRole } from "../domains/auth/model.ts";
import { insertSession, insertToken } from "../domains/auth/store.server.ts";
import { insertCluster } from "../domains/clusters/link.server.ts";
import { DEFAULT_BINDINGS } from "../domains/clusters/model.ts";
import { insertIntegration, putSecret } from "../domains/integrations/store.server.ts";
import { readRun } from "../domains/runs/store.server.ts";
import { insertInvitation, insertMember, insertTeam } from "../domains/teams/store.server.ts";
import type { Env } from "../env.ts";
import { newSessionId, sha256Hex } from "../ids.ts";
import { ingest } from "../pipeline/hand-over.ts";
import { eventDelivery } from "../pipeline/receive.ts";
import { setUpExamples } from "./examples.ts";

/**
 * The principals of a development installation: two teams with everything that can act in them. The dev script makes the
 * secrets once per state folder and sends them at every start; only their hashes are stored here.
 */
const byRole = z.object({ viewer: z.string(), member: z.string(), manager: z.string(), admin: z.string() }).partial();
export const Principals = z.object({
	teams: z.record(
		z.string(),
		z.object({
			id: z.string().regex(/^t[a-z2-9]{11}$/),
			slug: z.string(),
			name: z.string().optional(),
			webhooks: z.record(z.string(), z.object({ path: z.string(), secret: z.string() })).default({}),
			ingestToken: z.string().optional(),
			metricsToken: z.string().optional(),
			sessions: byRole.default({}),
			tokens: byRole.default({}),
			/** Agent tokens by the name of their cluster. */
			agents: z.record(z.string(), z.string()).default({}),
			objects: z
				.object({
					...{ run: z.string(), delivery: z.string(), session: z.string(), invitation: z.string(), invitationLink: z.string() },
					...{ deployment: z.string(), dispatcher: z.string(), deployRequest: z.string(), rollback: z.string(), hold: z.string() },
				})
				.partial()
				.default({}),
		}),
	),
});

type TeamPrincipals = z.infer<typeof Principals>["teams"][string];

/** Who signs in by role; fictional, different in each team so that nothing is shared. */
const CAST: Record<string, Record<Role, string>> = {
	acme: { viewer: "Vera Lind", member: "Maya Ruiz", manager: "Jonas Lee", admin: "Ada Okafor" },
	other: { viewer: "Wim Bakker", member: "Noor Haddad", manager: "Pia Koch", admin: "Tomas Silva" },
};

/** Make a team and all its principals exist, exactly as given; doing it again renews sessions and changes nothing else. */
export async function setUpTeam(env: Env, db: Database, team: TeamPrincipals, now: number): Promise<void> {
	const { id: teamId, slug } = team;
	const names = CAST[slug] ?? (CAST.other as Record<Role, string>);
	const expiresAt = now + SESSION_MAX_MS;
	const statements = [insertTeam({ id: teamId, slug, name: team.name ?? slug, epoch: crypto.randomUUID(), now })];
	for (const role of ROLES) {
		const userId = `u-${teamId}-${role}`;
		statements.push(...insertMember({ teamId, userId, login: `${slug}-${role}`, name: names[role], role, now }));
		const session = readCookie(team.sessions[role], SESSION_COOKIE);
		if (session) {
			const hash = await sha256Hex(session);
			// The file of principals holds at every start, also after somebody signed out with one of them.
			const named = role === "viewer" ? team.objects.session : undefined;
			const id = named ?? newSessionId();
			const more = { id, method: "dev", tokenId: null, agent: null, address: null } as const;
			statements.push(
				insertSession({ hash, userId, now, expiresAt, ...more }),
				sql`UPDATE sessions SET revoked_at = NULL, id = coalesce(${named ?? null}, id) WHERE hash = ${hash}`,
			);
		}
		const token = team.tokens[role];
		if (token) {
			const scopes = scopesOfRole(role);
			statements.push(
				insertToken({
					hash: await sha256Hex(token),
					id: `k-${userId}`,
					teamId,
					kind: "personal",
					userId,
					createdBy: userId,
					rotatedFrom: null,
					name: `${role}'s token`,
					scopes,
					now,
					expiresAt: null,
				}),
			);
		}
	}
	for (const [scope, token] of [
		["ingest", team.ingestToken],
		["metrics", team.metricsToken],
	] as const) {
		if (!token) continue;
		const row = {
			hash: await sha256Hex(token),
			id: `k-${teamId}-${scope}`,
			teamId,
			kind: "machine" as const,
			userId: null,
			createdBy: "system",
			rotatedFrom: null,
			name: scope,
			scopes: [scope],
			now,
			expiresAt: null,
		};
		statements.push(insertToken(row));
	}
	for (const [source, { path, secret }] of Object.entries(team.webhooks)) {
		const integrationId = path.split("/").at(-1) as string;
		statements.push(insertIntegration({ id: integrationId, teamId, source, name: source, isDemo: false, now }));
		statements.push(putSecret({ integrationId, teamId, slot: 0, secret, now, expiresAt: null }));
	}
	for (const [name, token] of Object.entries(team.agents)) {
		const clusterId = `c-${teamId}-${name}`;
		const tokenRow = { hash: await sha256Hex(token), id: `k-${clusterId}`, teamId, kind: "agent" as const, clusterId, userId: null };
		statements.push(
			insertCluster({ teamId, id: clusterId, name, bindings: DEFAULT_BINDINGS, createdBy: "system", now }),
			insertToken({ ...tokenRow, createdBy: "system", rotatedFrom: null, name, scopes: [], now, expiresAt: null }),
		);
	}
	const { invitation, invitationLink } = team.objects;
	if (invitation && invitationLink) {
		const hash = await sha256Hex(invitationLink.split("/").at(-1) as string);
		const row = { id: invitation, teamId, hash, role: "viewer" as const, login: null, createdBy: `u-${teamId}-admin`, now, expiresAt };
		statements.push(
			insertInvitation(row),
			sql`UPDATE invitations SET expires_at = ${expiresAt} WHERE team_id = ${teamId} AND id = ${invitation}`,
		);
	}
	await db.batch(statements);
	await env.TEAM_LEDGER.getByName(teamId).syncCredentials(teamId);
	await firstRun(env, db, team, now);
	await setUpExamples(env, db, team, now);
}

/** One run per team, through the ordinary commit path, so that every kind of object has an example. */
async function firstRun(env: Env, db: Database, team: TeamPrincipals, now: number): Promise<void> {
	const runId = team.objects.run;
	const integrationId = team.webhooks.generic?.path.split("/").at(-1);
	if (!runId || !integrationId || (await readRun(db, team.id, runId))) return;
	const startedAt = now - 90_000;
	const facts = {
		id: runId,
		workflow: "hello",
		status: "success",
		started_at: new Date(startedAt),
		finished_at: new Date(now),
		repo: `${team.slug}/hello`,
	};
	const text = JSON.stringify(facts);
	const delivery = await eventDelivery(env, team.id, {
		source: "generic",
		integrationId,
		bytes: new Uint8Array(new TextEncoder().encode(text)),
		text,
		receivedAt: now,
		event: {
			...{
				type: "run",
				id: runId,
				source: "generic",
				externalId: runId,
				attempt: 1,
				repo: facts.repo,
				workflow: facts.workflow,
				branch: "main",
			},
			...{
				commit: null,
				triggeredBy: null,
				actor: null,
				url: null,
				status: "success",
				conclusionRaw: "success",
				startedAt,
				finishedAt: now,
			},
			...{ durationMs: now - startedAt, updatedAt: now, coverage: null, error: null, meta: {} },
		},
	});
	await ingest(env, team.id, [{ ...delivery, deliveryId: team.objects.delivery ?? delivery.deliveryId }]);
}
