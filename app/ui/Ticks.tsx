import { Link } from "@remix-run/react";
import type { RunStatus } from "#worker/wire/events";
import { LOOKS } from "./Status.tsx";

type Tick = { id: string; status: RunStatus; href?: string };

/** The last runs as shaped marks, oldest left. */
export function Ticks({ runs }: { runs: Tick[] }) {
	return (
		<ol aria-label={ticksInWords(runs)} className="flex items-center">
			{runs.map(({ id, status, href }) => {
				const { word, ink, Icon } = LOOKS[status];
				const mark = <Icon className={`size-3 ${ink}`} />;
				return (
					<li key={id}>
						{href === undefined ? (
							<span className="grid h-6 w-4 place-items-center">
								{mark}
								<span className="sr-only">{word}</span>
							</span>
						) : (
							// Fingers are for the row: ten targets of 44 px have no room in it.
							<Link
								to={href}
								aria-label={word}
								data-tip={word}
								preventScrollReset
								className="grid size-6 place-items-center rounded-badge hover:bg-s2 pointer-coarse:pointer-events-none"
							>
								{mark}
							</Link>
						)}
					</li>
				);
			})}
		</ol>
	);
}

/** The marks as one sentence: how many, how they ended, how the newest stands. */
export function ticksInWords(runs: { status: RunStatus }[]): string {
	const newest = runs.at(-1);
	if (!newest) return "No runs yet";
	const counts = new Map<string, number>();
	for (const { status } of runs) {
		const word = LOOKS[status].word.toLowerCase();
		counts.set(word, (counts.get(word) ?? 0) + 1);
	}
	const parts = [...counts].map(([word, count]) => `${count} ${word}`);
	return `Last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${parts.join(", ")}. Newest ${LOOKS[newest.status].word.toLowerCase()}.`;
}
