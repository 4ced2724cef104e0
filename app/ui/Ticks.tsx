import { Link } from "@remix-run/react";
import type { RunStatus } from "#worker/wire/events";
import { formatMoment } from "../format/time.ts";
import { useNow, useZone } from "./clock.tsx";
import { LOOKS } from "./Status.tsx";

type Tick = { id: string; status: RunStatus; orderedAt: number; href?: string };

/**
 * The last runs as shaped marks, oldest left. The marks are a shortcut for pointers: by keyboard ten of them in each row would stand in
 * the way, and the row's own link leads to the same runs.
 */
export function Ticks({ runs }: { runs: Tick[] }) {
	const now = useNow(60_000);
	const zone = useZone();
	return (
		<ol aria-label={ticksInWords(runs)} className="flex items-center">
			{runs.map(({ id, status, orderedAt, href }) => {
				const { word, ink, Icon } = LOOKS[status];
				const name = `${word}, ${formatMoment(orderedAt, { now, zone })}`;
				const mark = <Icon className={`size-3 ${ink}`} />;
				return (
					<li key={id}>
						{href === undefined ? (
							<span className="grid h-6 w-4 place-items-center">
								{mark}
								<span className="sr-only">{name}</span>
							</span>
						) : (
							// Fingers are for the row: ten targets of 44 px have no room in it.
							<Link
								to={href}
								tabIndex={-1}
								aria-label={name}
								data-tip={name}
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
