import type { EnvironmentSettings, EnvironmentState, RollbackOffer, RollbackRow } from "../wire/deployments.ts";

/** Who asks an environment's object for something, as the audit and the pages name them. The door has checked what they may. */
export type Asker = {
	actor: string;
	name: string;
	role: string | null;
	requestId: string | null;
	address: string | null;
	/** Whether they may what a red check stands before. */
	mayForce: boolean;
};

export type RollbackRequest = {
	/** Where the environment has several components; otherwise that of `seen`. */
	component?: string;
	/** Deployment to return to; the best one where none is named. */
	to?: string;
	/** The latest deployment the person saw. */
	seen: string;
	reason?: string;
	/** The typed word. */
	confirm?: string;
	/** Made when the dialog opened: the same key is the same command. */
	key: string;
};

/** What an object answers where it refuses: the code of the error shape, and what to do, in words. */
export type Refused = {
	ok: false;
	code: "conflict" | "invalid" | "forbidden" | "notFound" | "rateLimited";
	message: string;
	fields?: Record<string, string>;
	retryAfterSeconds?: number;
};
export type Answered<T> = ({ ok: true } & T) | Refused;

/** What pages and doors ask of an environment's object, the single writer of its lock, its holds and its commands. */
export type Environments = {
	/** Everything about it; null when this team has no such environment. */
	state: (teamId: string, environmentId: string) => Promise<EnvironmentState | null>;
	/** What the dialog draws; `askerId` is who asks, whose own lock does not stand in their way. */
	offer: (
		teamId: string,
		environmentId: string,
		ask: { component?: string; to?: string; askerId?: string },
	) => Promise<Answered<{ offer: RollbackOffer }>>;
	rollBack: (
		teamId: string,
		environmentId: string,
		by: Asker,
		request: RollbackRequest,
	) => Promise<Answered<{ rollback: RollbackRow; isRepeat: boolean }>>;
	/** A rehearsal: everything but the change. */
	dryRun: (
		teamId: string,
		environmentId: string,
		by: Asker,
		request: Omit<RollbackRequest, "seen" | "confirm">,
	) => Promise<Answered<{ rollback: RollbackRow }>>;
	cancel: (teamId: string, environmentId: string, by: Asker, rollbackId: string) => Promise<Answered<{ rollback: RollbackRow }>>;
	/** A note beside a rollback that is over. */
	note: (
		teamId: string,
		environmentId: string,
		by: Asker,
		rollbackId: string,
		text: string,
	) => Promise<Answered<{ rollback: RollbackRow }>>;
	lock: (
		teamId: string,
		environmentId: string,
		by: Asker,
		ask: { until: number | null; reason: string },
	) => Promise<Answered<{ state: EnvironmentState }>>;
	/** Somebody else's lock needs `mayForce`. */
	unlock: (
		teamId: string,
		environmentId: string,
		by: Asker,
		ask?: { rollbackId?: string },
	) => Promise<Answered<{ state: EnvironmentState }>>;
	releaseHold: (teamId: string, environmentId: string, by: Asker, holdId: string) => Promise<Answered<{ state: EnvironmentState }>>;
	configure: (
		teamId: string,
		environmentId: string,
		by: Asker,
		settings: Partial<EnvironmentSettings>,
	) => Promise<Answered<{ state: EnvironmentState }>>;
};
