import type { DeploymentRow, EnvironmentState, RollbackRow } from "./deployments.ts";
import type { RunStatus } from "./events.ts";

/** A run as a browser's list shows it; the same shape in page data, snapshots and changes. Times are epoch ms. */
export type RunRow = {
	id: string;
	source: string;
	attempt: number;
	repo: string;
	workflow: string;
	branch: string | null;
	status: RunStatus;
	startedAt: number | null;
	finishedAt: number | null;
	durationMs: number | null;
	triggeredBy: string | null;
	actor: string | null;
	commit: string | null;
	url: string | null;
	/** One line why it failed: the sender's own words, else its first failed job and step; null where neither is known. */
	error: string | null;
	/** What lists are ordered by: the start, or the arrival where the sender's clock is far ahead. */
	orderedAt: number;
};

/** Additive figures of some runs. Sums and differences of tallies are tallies. */
export type Tally = {
	queued: number;
	running: number;
	success: number;
	failure: number;
	cancelled: number;
	/** Milliseconds over finished successes and failures that have a duration, and how many those are. */
	durationSum: number;
	durationCount: number;
	/** Log-scale duration histogram: bin number → count (see domains/stats/histogram.ts). */
	histogram: Record<string, number>;
};

/** What one commit changed in one hour of one workflow. */
export type TallyChange = { hour: number; repo: string; workflow: string; tally: Tally };

/** Totals of a whole team for one bucket of time. */
export type Bucket = { at: number; tally: Tally };

type Numbered = { epoch: string; seq: number };

/** Everything anew: the newest runs, days of the last month and hours of the last two days, unfiltered. */
export type Snapshot = Numbered & {
	type: "snapshot";
	at: number;
	runs: RunRow[];
	days: Bucket[];
	hours: Bucket[];
	/** The newest deployments; absent where none is known. */
	deployments?: DeploymentRow[];
	/** Those under way, and those that ended within the last minutes. */
	rollbacks?: RollbackRow[];
};

/**
 * What happened after `prev` up to and including `seq`; `runs` are those that changed, and those of which only a job did. A reader
 * whose seq is not `prev` has missed something and says hello again.
 */
export type Change = Numbered & {
	type: "change";
	at: number;
	prev: number;
	runs: RunRow[];
	tallies: TallyChange[];
	/** Absent where there is nothing to say, as most frames have it. */
	deployments?: DeploymentRow[];
	rollbacks?: RollbackRow[];
	/** Environments with news of any kind: a deployment, a workload, a lock. */
	environments?: string[];
};

/** The server is about to close: why, in a word the client can act on. */
export type Bye = Numbered & { type: "bye"; reason: "slow" | "signedOut" | "unavailable" | "protocol" };

/** An environment's own stream: everything anew, or the parts of it that are different now. */
export type EnvironmentSnapshot = Numbered & { type: "snapshot"; at: number; state: EnvironmentState };
export type EnvironmentChange = Numbered & { type: "change"; at: number; prev: number; patch: Partial<EnvironmentState> };
/** What a socket of an environment's page receives. */
export type EnvironmentMessage = EnvironmentSnapshot | EnvironmentChange | Bye;
/** What it sends besides hello, ack and ping: that this person takes care of it, or does not any more. */
export type EnvironmentRequest = LiveRequest | { handling: boolean };

/** What a browser's socket receives. */
export type LiveMessage = Snapshot | Change | Bye;

/** What a browser's socket sends: hello with what it knows, then acknowledgements. `ping` is answered `pong` without waking anyone. */
export type LiveRequest = { hello: { epoch?: string; seq?: number } } | { ack: number };

/** The polling fallback's answer: the same frames. */
export type LiveChanges = Numbered & { frames: LiveMessage[] };
