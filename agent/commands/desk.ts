import type { AgentMessage, GrantedCommand } from "#worker/wire/agent";
import type { Results } from "../results.ts";
import { words } from "../text.ts";
import { carryOut } from "./carry-out.ts";
import { type Around, sayAccepted, type Work } from "./work.ts";

/** What the edge says of commands, and how many are in work. */
export type Desk = {
	offered(commandId: string): void;
	granted(command: GrantedCommand): void;
	declined(commandId: string): void;
	cancelled(commandId: string): void;
	acknowledged(commandId: string, fence: number): void;
	/** Say again what was not acknowledged. */
	repeatResults(which: { olderThanMs: number }): void;
	figures(): { inWork: number; unacknowledged: number; finished: number };
	/** Resolves when nothing is in work. */
	idle(): Promise<void>;
};

/** Fences remembered for commands that are over here; older ones are of commands that can't be granted any more. */
const REMEMBERED = 200;

const CLAIM_AGAIN_MS = 2000;
/** After that the edge offers it again, if it is still to be had. */
const CLAIMS_MAX = 3;

/**
 * Takes offers, and has each granted command carried out: one run of a command at a time, and one for each fence. Different commands run
 * beside each other, because watching a rollout takes minutes.
 */
export function openDesk({
	around,
	results,
	send,
	pace,
}: {
	around: Around;
	results: Results;
	send: (message: AgentMessage) => void;
	/** Shortens waits, for tests. */
	pace: number;
}): Desk {
	const inWork = new Map<string, { work: Work; done: Promise<void> }>();
	const taken = new Map<string, number>();
	const claims = new Map<string, NodeJS.Timeout>();
	let finished = 0;

	const run = async (work: Work): Promise<void> => {
		const { id, verb, fence } = work.granted;
		around.log("info", "command granted", { command: id, verb, fence, claims: work.granted.claims, settle: work.granted.settle });
		sayAccepted(work, around);
		try {
			const result = await carryOut(work, around);
			if (result === null) return;
			results.keep(result);
			await around.step("beforeResult");
			send(result);
			await around.step("afterResult");
			finished += 1;
			const { outcome, applied, reason, durationMs } = result;
			around.log("info", "command ended", { command: id, fence, outcome, applied, reason, durationMs });
		} catch (error) {
			// Not a no: what happened is to be found in the cluster, by the next who claims it.
			around.log("error", "command broke off", { command: id, fence, error: words(error) });
		}
	};

	const answered = (commandId: string) => {
		clearTimeout(claims.get(commandId));
		claims.delete(commandId);
	};
	/** Ask for a command, and ask again when no answer comes: the same process gets the same grant. */
	const claim = (commandId: string, left: number) => {
		answered(commandId);
		if (around.signal.aborted) return;
		send({ type: "claim", commandId, at: around.now() });
		if (left > 0) claims.set(commandId, setTimeout(() => claim(commandId, left - 1), CLAIM_AGAIN_MS * pace).unref());
	};

	return {
		offered(commandId) {
			// Already in work here: its own reports renew the lease.
			if (!inWork.has(commandId)) claim(commandId, CLAIMS_MAX - 1);
		},
		declined: answered,
		granted(granted) {
			answered(granted.id);
			if ((taken.get(granted.id) ?? 0) >= granted.fence) {
				const result = results.all().find(({ commandId, fence }) => commandId === granted.id && fence === granted.fence);
				if (result) send(result);
				return;
			}
			taken.set(granted.id, granted.fence);
			const [oldest] = taken.keys();
			if (taken.size > REMEMBERED && oldest !== undefined) taken.delete(oldest);
			const work: Work = { granted, isCancelled: false };
			const before = inWork.get(granted.id);
			const done = (before?.done ?? Promise.resolve())
				.then(() => run(work))
				.finally(() => {
					if (inWork.get(granted.id)?.work === work) inWork.delete(granted.id);
				});
			inWork.set(granted.id, { work, done });
		},
		cancelled(commandId) {
			const entry = inWork.get(commandId);
			if (entry) entry.work.isCancelled = true;
		},
		acknowledged: (commandId, fence) => results.forget(commandId, fence),
		repeatResults({ olderThanMs }) {
			for (const result of results.all()) if (around.now() - result.at >= olderThanMs) send(result);
		},
		figures: () => ({ inWork: inWork.size, unacknowledged: results.all().length, finished }),
		async idle() {
			while (inWork.size > 0) await Promise.all([...inWork.values()].map(({ done }) => done));
		},
	};
}
