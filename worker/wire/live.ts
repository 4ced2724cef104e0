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
export type Snapshot = Numbered & { type: "snapshot"; at: number; runs: RunRow[]; days: Bucket[]; hours: Bucket[] };

/**
 * What happened after `prev` up to and including `seq`; `runs` are those that changed, and those of which only a job did. A reader
 * whose seq is not `prev` has missed something and says hello again.
 */
export type Change = Numbered & { type: "change"; at: number; prev: number; runs: RunRow[]; tallies: TallyChange[] };

/** The server is about to close: why, in a word the client can act on. */
export type Bye = Numbered & { type: "bye"; reason: "slow" | "signedOut" | "unavailable" | "protocol" };

/** What a browser's socket receives. */
export type LiveMessage = Snapshot | Change | Bye;

/** What a browser's socket sends: hello with what it knows, then acknowledgements. `ping` is answered `pong` without waking anyone. */
export type LiveRequest = { hello: { epoch?: string; seq?: number } } | { ack: number };

/** The polling fallback's answer: the same frames. */
export type LiveChanges = Numbered & { frames: LiveMessage[] };
