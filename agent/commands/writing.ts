import type { AgentAct } from "#worker/wire/rollback";
import { Unreachable } from "../http.ts";
import { KubeError } from "../kube.ts";
import { differenceOf, linesOf } from "../template.ts";
import { words } from "../text.ts";
import { type HistoryEntry, markPatch, type Read, undoPatch, type WorkloadPatch, workloadPath } from "../undo.ts";
import type { Around } from "./work.ts";

/** What came of a patch. `unsure`: its answer never came. `later`: refused before anything was written, and worth another try. */
export type Written = { outcome: "done"; changes: string[] } | { outcome: "conflict" | "forbidden" | "unsure" | "later"; problem: string };

/** Send what was decided. A change is rehearsed first, so that what admission refuses is refused before anything is written. */
export async function write(
	next: Extract<AgentAct, { mark: unknown }>,
	read: Read,
	{ kube, step }: Around,
	isRehearsed: boolean,
): Promise<Written> {
	const send = ({ kind, body }: WorkloadPatch, isDryRun: boolean) =>
		kube.patch<Read["object"]>(workloadPath(read.ref), kind, body, { isDryRun });
	let isRehearsal = true;
	try {
		if (next.act === "barrier") {
			isRehearsal = false;
			await step("beforeBarrier");
			await send(markPatch(read.object, next.mark), false);
			await step("afterBarrier");
			return { outcome: "done", changes: [] };
		}
		const to = read.history.find(({ revision }) => revision === next.toRevision) as HistoryEntry;
		const patch = undoPatch(read, to, next.mark);
		if (!isRehearsed) {
			await step("beforeDryRun");
			const after = await send(patch, true);
			if (next.act === "rehearse") {
				return { outcome: "done", changes: differenceOf(linesOf(read.object.spec.template), linesOf(after.spec.template)) };
			}
		}
		isRehearsal = false;
		await step("beforePatch");
		await send(patch, false);
		await step("afterPatch");
		return { outcome: "done", changes: [] };
	} catch (error) {
		const problem = words(error);
		if (error instanceof Unreachable) return { outcome: isRehearsal ? "later" : "unsure", problem };
		if (!(error instanceof KubeError)) throw error;
		if (error.status === 403) return { outcome: "forbidden", problem };
		// Refused before anything was written: too many requests, or a token that is just being replaced.
		if (error.status === 429 || error.status === 401) return { outcome: "later", problem };
		if (error.status >= 500) return { outcome: isRehearsal ? "later" : "unsure", problem };
		// 409 and 422: somebody changed it in between, or it can't be as asked; reading again tells.
		return { outcome: "conflict", problem };
	}
}
