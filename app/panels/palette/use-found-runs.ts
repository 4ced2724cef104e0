import { useEffect, useState } from "react";
import type { z } from "zod";
import type { RunListBody } from "#worker/wire/api";

type FoundRun = z.infer<typeof RunListBody>["runs"][number];

/** Runs found by their text; what the list says while there are none. */
export type FoundRuns =
	| { state: "idle" | "searching" | "found" | "none"; runs: FoundRun[] }
	| { state: "failed"; runs: []; message: string };

/** Long enough not to ask for every letter, short enough not to be waited for. */
const PAUSE_MS = 200;
const SHOWN = 8;

/** Runs of a team whose text holds these words, asked for a moment after the last letter. */
export function useFoundRuns(team: string, words: string): FoundRuns {
	const [found, setFound] = useState<FoundRuns>({ state: "idle", runs: [] });
	useEffect(() => {
		if (words.length < 2) return setFound({ state: "idle", runs: [] });
		const asking = new AbortController();
		// The last answer stays while the next one is on its way: nothing blinks.
		setFound(({ runs }) => ({ state: "searching", runs }));
		const timer = setTimeout(async () => {
			try {
				const answer = await fetch(`/api/runs?${new URLSearchParams({ q: words, limit: String(SHOWN), team })}`, {
					headers: { Accept: "application/json" },
					signal: asking.signal,
				});
				if (!answer.ok) throw new Error(answer.status === 401 ? "Your session ended. Sign in again." : "The server did not answer.");
				const { runs } = (await answer.json()) as z.infer<typeof RunListBody>;
				setFound({ state: runs.length === 0 ? "none" : "found", runs });
			} catch (error) {
				if (asking.signal.aborted) return;
				const message = error instanceof Error && error.name === "Error" ? error.message : "The server did not answer.";
				setFound({ state: "failed", runs: [], message });
			}
		}, PAUSE_MS);
		return () => {
			clearTimeout(timer);
			asking.abort();
		};
	}, [team, words]);
	return found;
}
