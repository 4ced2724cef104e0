import type { Actor } from "#worker/domains/auth/model";

/** What the Worker hands to every page: resolved once by its middleware, so that no loader reads a cookie for who is asking. */
export type PageContext = {
	db: import("#worker/database").Database;
	/** What only a team's ledger does: tell the line about credentials, take the demo out, replay. */
	ledger: import("#worker/live/ledger-port").Ledger;
	/** What only an environment's object does: rollbacks, locks, holds, settings. */
	environments: import("#worker/live/environment-port").Environments;
	/** What only a cluster's link does: cut an agent off, hear of new bindings. */
	links: import("#worker/live/cluster-port").Links;
	/** Send a signed test to an integration through its own door. @throws AppError notFound | conflict */
	sendTest: (teamId: string, integrationId: string) => Promise<{ isTaken: boolean; told: string }>;
	/** Who is asking; null when nobody is signed in. */
	actor: Actor | null;
	/** The first part of the sender's address, for the audit. */
	address: string;
	/** The request's one clock reading, epoch ms. */
	now: number;
	/** In every log line of this request, and shown where something failed. */
	requestId: string;
	/** Allows this response's own scripts under the content security policy. */
	nonce: string;
	/** "production", "staging", "development" …; everything but production is marked on screen. */
	environment: string;
	/** Ways in: GitHub where it is set up; the setup token (asked for on the sign-in page only) while nobody is admin. */
	signIn: { gitHub: boolean; setup: boolean };
	/** Whether `POST /dev/sign-in` exists here. */
	demoSignIn: boolean;
	/** The teams the demo sign-in offers; without it the sign-in page asks for a team's name. */
	demoTeams?: { slug: string; name: string }[];
};

declare module "@remix-run/cloudflare" {
	interface AppLoadContext extends PageContext {}
}
