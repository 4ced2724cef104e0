import type { EnvironmentState } from "../../wire/deployments.ts";
import type { EnvironmentMessage } from "../../wire/live.ts";

/** An environment as a page has it, and where in its stream that is. */
export type EnvironmentView = { epoch: string; seq: number; at: number; state: EnvironmentState };

/** What is different, by its parts; null when nothing is. */
export function diffEnvironment(before: EnvironmentState, after: EnvironmentState): Partial<EnvironmentState> | null {
	const changed = Object.entries(after).filter(([key, value]) => {
		return JSON.stringify(value) !== JSON.stringify(before[key as keyof EnvironmentState]);
	});
	return changed.length === 0 ? null : (Object.fromEntries(changed) as Partial<EnvironmentState>);
}

/**
 * A view after a message of the environment's stream. One that was seen already changes nothing; one that does not follow on needs a
 * new hello. A page without a view yet begins with a snapshot.
 */
export function foldEnvironment(
	view: EnvironmentView | null,
	message: EnvironmentMessage,
): { view: EnvironmentView | null; needs: "nothing" | "hello" } {
	if (message.type === "bye") return { view, needs: "nothing" };
	if (message.type === "snapshot") {
		const { epoch, seq, at, state } = message;
		const isOlder = view?.epoch === epoch && seq < view.seq;
		return { view: isOlder ? view : { epoch, seq, at, state }, needs: "nothing" };
	}
	if (view === null || message.epoch !== view.epoch) return { view, needs: "hello" };
	if (message.seq <= view.seq) return { view, needs: "nothing" };
	// Parts are whole: one that comes in two frames may be laid over itself.
	if (message.prev > view.seq) return { view, needs: "hello" };
	const { seq, at, patch } = message;
	return { view: { epoch: view.epoch, seq, at, state: { ...view.state, ...patch } }, needs: "nothing" };
}
