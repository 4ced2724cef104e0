import type { Policy } from "../domains/auth/model.ts";

/**
 * Who may cause each call into a team's ledger from outside of it. The ledger can't ask who somebody is: the door or page that
 * calls has, for this permission, in the team whose ledger it is. A method that is not named here stops the Worker from starting.
 */
export const LEDGER_POLICIES: Readonly<Record<string, Policy>> = {
	ingest: { permission: "events:ingest" },
	integration: { public: "a webhook's door asks for what it verifies the sender with" },
	ingestToken: { public: "the door of events asks whether it knows a token" },
	countRejected: { public: "a delivery whose signature does not hold is counted" },
	syncCredentials: { public: "follows an act that was permitted; it reads the database again and answers nothing" },
	endSessions: { public: "follows the end of a session, a token or a membership; it can only close" },
	lease: { public: "requests are counted before it is known what they may" },
	fetch: { permission: "live:watch" },
	changes: { permission: "live:watch" },
	removeDemo: { permission: "demo:remove" },
	replay: { permission: "deliveries:replay" },
	prune: { public: "the nightly cron" },
	status: { public: "/health asks whether it answers" },
	alarm: { public: "the platform's own" },
	webSocketMessage: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketClose: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketError: { public: "the platform's own, of a socket that fetch has let in" },
};

/** That every method that can be called from outside says who may cause it. @throws with the names of those that do not */
export function requirePolicies(prototype: object, policies: Readonly<Record<string, Policy>> = LEDGER_POLICIES): void {
	const silent = Object.getOwnPropertyNames(prototype).filter((name) => name !== "constructor" && !Object.hasOwn(policies, name));
	if (silent.length > 0) throw new Error(`calls into the object without a policy: ${silent.join(", ")}`);
}
