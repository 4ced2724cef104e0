type Role = "viewer" | "member" | "manager" | "admin";

export type TeamPrincipals = {
	id: string;
	slug: string;
	name: string;
	webhooks: Record<string, { path: string; secret: string }>;
	ingestToken: string;
	metricsToken: string;
	sessions: Record<Role, string>;
	tokens: Record<Role, string>;
	agents: Record<string, string>;
	objects: Record<string, string>;
	live: string;
	signIn: string;
};

export function makePrincipals(state: string, baseUrl: string): { baseUrl: string; teams: Record<string, TeamPrincipals> };
