/** Who asks, and what they may do. */

export const ROLES = ["viewer", "member", "manager", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a token may do; a person's token has the scopes its owner's role allows. */
export const SCOPES = ["read", "ingest", "metrics", "act", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A team as its members see it. */
export type Membership = { id: string; slug: string; name: string; role: Role; isDemo: boolean };

export type Actor =
	| {
			kind: "person";
			userId: string;
			name: string;
			login: string;
			sessionId: string;
			/** The access token that the session was begun with, where it was. */
			tokenId?: string;
			teams: Membership[];
	  }
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
	"deliveries:replay",
	"demo:remove",
	"audit:read",
	"members:read",
	"members:manage",
	"tokens:own",
	"tokens:manage",
	"settings:own",
	"deployments:read",
	"deployments:record",
	"deployments:deploy",
	"rollbacks:request",
	"rollbacks:force",
	"environments:lock",
	"environments:manage",
	"clusters:read",
	"clusters:manage",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * What lets somebody in; with `or` either will do, and what they ask for decides which one it takes. Or a route that proves itself some
 * other way (a signature), or that says nothing about anyone (`/health`).
 */
export type Policy = { permission: Permission; or?: Permission } | { public: string };

/** Whether something is a policy, for what the compiler has not seen: a build, a prototype. */
export function isPolicy(value: unknown): value is Policy {
	if (typeof value !== "object" || value === null) return false;
	if ("permission" in value) return PERMISSIONS.some((permission) => permission === value.permission);
	return "public" in value && typeof value.public === "string" && value.public !== "";
}

/** What each needs. A scope of null: people only, no token of theirs may make tokens or end sessions. */
const NEEDS: Record<Permission, { role: Role; scope: Scope | null }> = {
	"runs:read": { role: "viewer", scope: "read" },
	"live:watch": { role: "viewer", scope: "read" },
	"integrations:read": { role: "viewer", scope: "read" },
	"integrations:manage": { role: "admin", scope: "admin" },
	"deliveries:replay": { role: "admin", scope: "admin" },
	"demo:remove": { role: "admin", scope: "admin" },
	"audit:read": { role: "manager", scope: "read" },
	"metrics:read": { role: "admin", scope: "metrics" },
	"events:ingest": { role: "member", scope: "ingest" },
	"members:read": { role: "viewer", scope: "read" },
	"members:manage": { role: "admin", scope: "admin" },
	"tokens:own": { role: "viewer", scope: null },
	"tokens:manage": { role: "admin", scope: "admin" },
	"settings:own": { role: "viewer", scope: null },
	"deployments:read": { role: "viewer", scope: "read" },
	// Telling of a deployment that happened elsewhere is what a pipeline's token may.
	"deployments:record": { role: "member", scope: "ingest" },
	"deployments:deploy": { role: "member", scope: "act" },
	"rollbacks:request": { role: "member", scope: "act" },
	// What a red check stands before, and what overrides somebody else's lock.
	"rollbacks:force": { role: "manager", scope: "act" },
	"environments:lock": { role: "member", scope: "act" },
	"environments:manage": { role: "manager", scope: "act" },
	"clusters:read": { role: "viewer", scope: "read" },
	"clusters:manage": { role: "admin", scope: "admin" },
};

/** Whether a permission is about the person alone, in whatever team: their profile, their sessions. */
export function isAboutOneself(permission: Permission): boolean {
	return permission === "settings:own";
}

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

/**
 * The role that a set of scopes amounts to, but no more than `role`: what a session begun with a token may do.
 * @returns null when they do not even allow reading
 */
export function roleOfScopes(role: Role, scopes: readonly Scope[]): Role | null {
	const granted = ROLES.filter((each) => roleIncludes(role, each) && scopesOfRole(each).every((scope) => scopes.includes(scope)));
	return granted.at(-1) ?? null;
}

/** The scopes an actor may give to a token it makes: its role's, and a token no more than it has itself. */
export function scopesToGive(actor: Actor, teamId: string): Scope[] {
	const role = roleIn(actor, teamId);
	const ofRole = role === null ? [] : scopesOfRole(role);
	if (actor.kind === "person") return ofRole;
	return role === null ? actor.scopes : actor.scopes.filter((scope) => ofRole.includes(scope));
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
		if (scope === null) return "No token may do this. Sign in, and do it in a browser.";
		if (!actor.scopes.includes(scope)) return `This needs a token with the ${scope} scope.`;
		return actor.role === null ? null : roleRefusal(actor.role, permission);
	}
	if (isAboutOneself(permission)) return null;
	// Or a token that reads for a day would become one that reads for good.
	if (permission === "tokens:own" && actor.tokenId !== undefined) {
		return "This session was begun with an access token, which makes no others. Sign in another way to do this.";
	}
	const membership = actor.teams.find((team) => team.id === teamId);
	// Who is not in the team is told what anybody would need.
	return membership ? roleRefusal(membership.role, permission) : `This needs the ${role} role. Ask an admin of this team.`;
}

/** A session that nobody uses ends after this; any session ends after the second. @source reliability rules, Auth */
export const SESSION_IDLE_MS = 12 * 3600_000;
export const SESSION_MAX_MS = 7 * 24 * 3600_000;

/** A sign-in at GitHub that takes longer than this begins anew. @source reliability rules, Auth */
export const SIGN_IN_MAX_MS = 10 * 60_000;
/** A token that is followed by another works on for this long, so that nothing stands still while it is exchanged. */
export const TOKEN_OVERLAP_MS = 24 * 3600_000;
/** How long a token is valid where nobody says otherwise. */
export const TOKEN_DEFAULT_DAYS = 90;

/** How a session was begun. */
export type SessionMethod = "github" | "token" | "setup" | "dev";

/** A session as its owner sees it. */
export type SessionReport = {
	id: string;
	method: SessionMethod;
	agent: string | null;
	address: string | null;
	createdAt: number;
	lastSeenAt: number;
	expiresAt: number;
	isCurrent: boolean;
};

/** A token as those see it who may know of it; never what it is. */
export type TokenReport = {
	id: string;
	kind: "personal" | "machine";
	name: string;
	scopes: Scope[];
	/** Whose it is; null for a machine's. */
	owner: { id: string; name: string } | null;
	/** Who made it, by name where that is known. */
	createdBy: string | null;
	createdAt: number;
	expiresAt: number | null;
	lastUsedAt: number | null;
	revokedAt: number | null;
	rotatedFrom: string | null;
};

/** The session cookie: host-bound, so no other site on the same name can plant one. */
export const SESSION_COOKIE = "__Host-opssight";
/** What binds a sign-in at GitHub to the browser that began it. */
export const BROWSER_COOKIE = "__Host-opssight-browser";

/** The value of one cookie in a `Cookie` header, or null. */
export function readCookie(header: string | null | undefined, name: string): string | null {
	for (const part of (header ?? "").split(";")) {
		const at = part.indexOf("=");
		if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
	}
	return null;
}
