/** Taking the demo out, step by step, whichever page is open meanwhile: the steps go on when the mark that began them is gone. */

export type Removal =
	| { phase: "idle" }
	| { phase: "removing"; removed: number; total: number | null }
	| { phase: "done" }
	| { phase: "failed"; told: string };

let removal: Removal = { phase: "idle" };
const listeners = new Set<() => void>();

function set(next: Removal): void {
	removal = next;
	for (const listener of listeners) listener();
}

/** How far it has come; the same object until something changed. */
export function currentRemoval(): Removal {
	return removal;
}

/** Hear of changes. @returns how to stop */
export function onRemoval(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

/** Take the news that it is done. @returns whether it was news: of several who listen one says it */
export function takeDone(): boolean {
	if (removal.phase !== "done") return false;
	set({ phase: "idle" });
	return true;
}

/** What one answer says about the whole: the first one tells how much there was. */
export function progressAfter(before: { removed: number; total: number | null }, left: number, step: number) {
	const total = before.total ?? left + (left === 0 ? 0 : step);
	return { total, removed: Math.max(0, total - left) };
}

/** Runs that one call takes out. The door decides; this is only for the first guess of the whole. */
const STEP = 400;

/** Begin, unless it is under way. */
export async function removeDemo(team: string): Promise<void> {
	if (removal.phase === "removing") return;
	let progress: { removed: number; total: number | null } = { removed: 0, total: null };
	set({ phase: "removing", ...progress });
	try {
		for (let left = 1; left > 0; ) {
			left = await step(team);
			progress = progressAfter(progress, left, STEP);
			set({ phase: "removing", ...progress });
		}
		set({ phase: "done" });
	} catch (error) {
		const told = error instanceof Refused ? error.message : "The server did not answer. What is removed stays removed: try again.";
		set({ phase: "failed", told });
	}
}

class Refused extends Error {}

async function step(team: string): Promise<number> {
	const answer = await fetch(`/api/demo/remove?team=${encodeURIComponent(team)}`, {
		method: "POST",
		headers: { Accept: "application/json" },
	});
	const body = (await answer.json()) as { left?: unknown; error?: { message?: unknown } };
	if (!answer.ok || typeof body.left !== "number") throw new Refused(String(body.error?.message ?? "The demo data could not be removed."));
	return body.left;
}
