import { sql } from "drizzle-orm";
import type { Database } from "../database.ts";
import { commitAudited } from "../domains/audit/chain.server.ts";
import { insertToken } from "../domains/auth/store.server.ts";
import { insertCluster } from "../domains/clusters/link.server.ts";
import type { Binding } from "../domains/clusters/model.ts";
import { demoIntegration } from "../domains/integrations/store.server.ts";
import { randomId, sha256Hex } from "../ids.ts";

/** The cluster in which the demo runs: one of the team's clusters like any other, but made by the demo, and gone with it. */

const NAME = "demo";
const BINDINGS: Binding[] = ["production", "staging"].map((name) => ({ namespace: name, environment: name }));

/**
 * The demo's cluster. With a `token` it is made where it is not there, and that is its agent's from now on, instead of the one before.
 * @returns null where the team has no demo, or somebody took its cluster out
 */
export async function setUpDemoCluster(
	db: Database,
	teamId: string,
	{ token, now }: { token: string | undefined; now: number },
): Promise<{ id: string; name: string } | null> {
	const integrationId = await demoIntegration(db, teamId);
	if (integrationId === null) return null;
	const [known] = await db.all<{ id: string; name: string; removedAt: number | null }>(
		sql`SELECT id, name, removed_at AS removedAt FROM clusters WHERE team_id = ${teamId} AND created_by = ${integrationId}`,
	);
	if (known && known.removedAt !== null) return null;
	if (token === undefined) return known ? { id: known.id, name: known.name } : null;
	const { id, name } = known ?? { id: `c-${randomId(12)}`, name: NAME };
	const tokenId = `k-${id}`;
	const statements = [
		insertCluster({ teamId, id, name, bindings: BINDINGS, createdBy: integrationId, now }),
		sql`DELETE FROM tokens WHERE team_id = ${teamId} AND id = ${tokenId}`,
		insertToken({
			...{ hash: await sha256Hex(token), id: tokenId, teamId, kind: "agent", clusterId: id, userId: null },
			...{ createdBy: integrationId, rotatedFrom: null, name, scopes: [], now, expiresAt: null },
		}),
	];
	const entry = { at: now, actor: "system", role: null, act: "cluster.create", object: id, outcome: "done" } as const;
	await commitAudited(db, teamId, statements, known ? [] : [{ ...entry, after: { name, bindings: BINDINGS } }]);
	return { id, name };
}
