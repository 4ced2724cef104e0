/** A difference with both its ends: how far, in which direction, whether that is good, and against what. */
export type Delta = { arrow: "↗" | "↘" | "→"; amount: string; sense: "better" | "worse" | "neutral"; before: string };

const SENSES = { better: "text-ok", worse: "text-bad", neutral: "text-t2" } as const;

/** How far a figure moved, and from where. */
export function Difference({ delta: { arrow, amount, sense, before } }: { delta: Delta }) {
	return (
		<>
			<span className={`font-medium ${SENSES[sense]}`}>
				<span aria-hidden="true">{arrow} </span>
				{amount}
				{/* On a phone the arrow and the earlier value carry it; the word is still there to be heard. */}
				{sense !== "neutral" && <span className="max-sm:sr-only"> {sense}</span>}
			</span>{" "}
			vs {before}
		</>
	);
}
