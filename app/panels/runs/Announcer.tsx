import { useCallback, useEffect, useRef, useState } from "react";
import { inView, type Overview } from "#worker/domains/runs/overview";
import type { LiveMessage } from "#worker/wire/live";

/** At most one sentence in this time. Design brief, law 9. */
const APART_MS = 10_000;

/** Runs of the view that a frame says have failed and that were not known as failed before. */
export function newlyFailed(before: Overview, message: LiveMessage): number {
	if (message.type !== "change" || message.seq <= before.seq) return 0;
	const known = new Set(before.runs.filter(({ status }) => status === "failure").map(({ id }) => id));
	return message.runs.filter((run) => inView(before.view, run) && run.status === "failure" && !known.has(run.id)).length;
}

/** The page's one polite sentence about failures: what to call with each batch of them, and the sentence to put in a live region. */
export function useFailureNews(): { count: (failed: number) => void; sentence: string } {
	const [sentence, setSentence] = useState("");
	const waiting = useRef(0);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	const spokenAt = useRef(0);
	useEffect(() => () => clearTimeout(timer.current), []);
	const count = useCallback((failed: number) => {
		if (failed === 0) return;
		waiting.current += failed;
		clearTimeout(timer.current);
		timer.current = setTimeout(
			() => {
				spokenAt.current = Date.now();
				setSentence(`${waiting.current} new failed ${waiting.current === 1 ? "run" : "runs"}`);
				waiting.current = 0;
			},
			Math.max(0, spokenAt.current + APART_MS - Date.now()),
		);
	}, []);
	return { count, sentence };
}

/** The one polite live region. */
export function LiveRegion({ sentence }: { sentence: string }) {
	return (
		<p aria-live="polite" className="sr-only">
			{sentence}
		</p>
	);
}
