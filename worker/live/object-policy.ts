import type { Policy } from "../domains/auth/model.ts";

/**
 * Who may cause each call into the objects of environments and clusters from outside of them. Like the ledger they can't ask who
 * somebody is: the door or page that calls has, for this permission, in the team whose object it is.
 */
export const ENVIRONMENT_POLICIES: Readonly<Record<string, Policy>> = {
	state: { permission: "deployments:read" },
	offer: { permission: "deployments:read" },
	rollBack: { permission: "rollbacks:request" },
	dryRun: { permission: "rollbacks:request" },
	cancel: { permission: "rollbacks:request" },
	note: { permission: "rollbacks:request" },
	lock: { permission: "environments:lock" },
	unlock: { permission: "environments:lock" },
	releaseHold: { permission: "environments:lock" },
	configure: { permission: "environments:manage" },
	fetch: { permission: "live:watch" },
	changes: { permission: "live:watch" },
	moved: { public: "the ledger and the clusters say that there is news; it reads the database again and answers nothing" },
	claim: { public: "a cluster's link asks for its agent, whose token the door has checked" },
	report: { public: "a cluster's link passes on what its agent says, whose token the door has checked" },
	sent: { public: "a cluster's link says that a command is on its way" },
	drill: { public: "the cron" },
	alarm: { public: "the platform's own" },
	webSocketMessage: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketClose: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketError: { public: "the platform's own, of a socket that fetch has let in" },
};

/** @see ENVIRONMENT_POLICIES */
export const CLUSTER_POLICIES: Readonly<Record<string, Policy>> = {
	fetch: { public: "an agent's token, which the door has checked, is bound to this cluster" },
	poll: { public: "an agent's token, which the door has checked, is bound to this cluster" },
	post: { public: "an agent's token, which the door has checked, is bound to this cluster" },
	offer: { public: "an environment's object, for a command that was permitted there" },
	cancel: { public: "an environment's object, for a command of its own" },
	close: { public: "an environment's object, for a command of its own" },
	status: { public: "environments ask whether an agent is there; it tells nothing else" },
	check: { public: "the cron" },
	endTokens: { public: "follows the end of a token; it can only close" },
	rebind: { public: "follows an act that was permitted; it reads the database again and answers nothing" },
	alarm: { public: "the platform's own" },
	webSocketMessage: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketClose: { public: "the platform's own, of a socket that fetch has let in" },
	webSocketError: { public: "the platform's own, of a socket that fetch has let in" },
};
