import type { AgentMessage, GrantedCommand, WorkloadRef } from "#worker/wire/agent";
import type { Kube } from "../kube.ts";
import type { Log } from "../log.ts";
import { progressOf, type Rollout } from "../rollout.ts";
import { cut } from "../text.ts";

/** Where a process may die; tests let it. */
export const STEPS = [
	"granted",
	"read",
	"beforeDryRun",
	"beforePatch",
	"afterPatch",
	"beforeBarrier",
	"afterBarrier",
	"applied",
	"beforeResult",
	"afterResult",
] as const;
export type Step = (typeof STEPS)[number];

/** What carrying out a command needs of the program around it. */
export type Around = {
	kube: Kube;
	/** This process. */
	agent: string;
	/** Milliseconds of a clock that never goes back. */
	now: () => number;
	say: (message: AgentMessage) => void;
	/** Listen for changes of a workload. */
	listen: (ref: WorkloadRef) => Listening;
	/** Resolves when a whole report was sent, or the program ends. */
	snapshot: () => Promise<void>;
	/** A patch was forbidden: what was believed to be allowed is not. */
	wasRefused: () => void;
	log: Log;
	step: (name: Step) => Promise<void>;
	signal: AbortSignal;
};

/** Hears of changes, those included that came while nobody asked. */
export type Listening = {
	/** Resolves when there was a change since the last one was taken, or after so long. */
	next(withinMs: number): Promise<void>;
	close(): void;
};

/** A command in work. `settle`: nothing is to be changed any more that is not changed yet. */
export type Work = { granted: GrantedCommand; isCancelled: boolean };

/** Tell how far a command is; that renews its lease. */
export function tell(
	{ granted }: Work,
	{ say, now }: Around,
	{ stage, rollout, sentence }: { stage: "accepted" | "applied" | "rolling"; rollout: Rollout | null; sentence: string | null },
): void {
	say({
		type: "progress",
		commandId: granted.id,
		fence: granted.fence,
		stage,
		pods: rollout && progressOf(rollout),
		sentence: sentence === null ? null : cut(sentence, 1000),
		at: now(),
	});
}

/** That a command was taken up, before anything is done about it. */
export function sayAccepted(work: Work, around: Around): void {
	tell(work, around, { stage: "accepted", rollout: null, sentence: null });
}
