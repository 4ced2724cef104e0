/** Who asks, and what they may do. */

export const ROLES = ["viewer", "member", "manager", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a token may do; a person's token has the scopes its owner's role allows. */
export const SCOPES = ["read", "ingest", "metrics", "act", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A team as its members see it. */
export type Membership = { id: string; slug: string; name: string; role: Role; isDemo: boolean };

export type Actor =
	| { kind: "person"; userId: string; name: string; login: string; teams: Membership[] }
	| {
			kind: "token";
			tokenId: string;
			name: string;
			userId: string | null;
			team: { id: string; slug: string };
			role: Role | null;
			scopes: Scope[];
	  };

/** What a door asks for. Each route declares one; a route without one does not start. */
export const PERMISSIONS = [
	"runs:read",
	"metrics:read",
	"events:ingest",
	"live:watch",
	"integrations:read",
	"integrations:manage",
	"audit:read",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** A route that proves itself some other way (a signature), or that says nothing about anyone (`/health`). */
export type Policy = { permission: Permission } | { public: string };

const NEEDS: Record<Permission, { role: Role; scope: Scope }> = {
	"runs:read": { role: "viewer", scope: "read" },
	"live:watch": { role: "viewer", scope: "read" },
	"integrations:read": { role: "viewer", scope: "read" },
	"integrations:manage": { role: "admin", scope: "admin" },
	"audit:read": { role: "manager", scope: "read" },
	"metrics:read": { role: "admin", scope: "metrics" },
	"events:ingest": { role: "member", scope: "ingest" },
};

/** Whether a role includes another. */
export function roleIncludes(role: Role, needed: Role): boolean {
	return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** The scopes a person of this role may give to a token of theirs. */
export function scopesOfRole(role: Role): Scope[] {
	const scopes: Scope[] = ["read"];
	if (roleIncludes(role, "member")) scopes.push("ingest", "act");
	if (roleIncludes(role, "admin")) scopes.push("metrics", "admin");
	return scopes;
}

/** Why a role is not enough for something, or null when it is. */
export function roleRefusal(role: Role, permission: Permission): string | null {
	const needed = NEEDS[permission].role;
	return roleIncludes(role, needed) ? null : `This needs the ${needed} role. Ask an admin of this team.`;
}

/** An actor's role in a team as it is today; null for a token that is nobody's. */
export function roleIn(actor: Actor, teamId: string): Role | null {
	return actor.kind === "token" ? actor.role : (actor.teams.find((team) => team.id === teamId)?.role ?? null);
}

/** An actor as the audit names them. */
export function nameInAudit(actor: Actor): string {
	return actor.kind === "token" ? `token:${actor.tokenId}` : actor.userId;
}

/** Why an actor may not do something in a team, or null when they may. A token needs the scope, and its owner's role too. */
export function refusal(actor: Actor, teamId: string, permission: Permission): string | null {
	const { role, scope } = NEEDS[permission];
	if (actor.kind === "token") {
		if (!actor.scopes.includes(scope)) return `This needs a token with the ${scope} scope.`;
		return actor.role === null ? null : roleRefusal(actor.role, permission);
	}
	const membership = actor.teams.find((team) => team.id === teamId);
	// Who is not in the team is told what anybody would need.
	return membership ? roleRefusal(membership.role, permission) : `This needs the ${role} role. Ask an admin of this team.`;
}

/** A session that nobody uses ends after this; any session ends after the second. @source reliability rules, Auth */
export const SESSION_IDLE_MS = 12 * 3600_000;
export const SESSION_MAX_MS = 7 * 24 * 3600_000;

/** The session cookie: host-bound, so no other site on the same name can plant one. */
export const SESSION_COOKIE = "__Host-opssight";

/** The value of one cookie in a `Cookie` header, or null. */
export function readCookie(header: string | null | undefined, name: string): string | null {
	for (const part of (header ?? "").split(";")) {
		const at = part.indexOf("=");
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return null;
}
