import type { MouseEvent } from "react";
import type { ChartSeries } from "../../ui/chart-model.ts";
import { toggled } from "../../ui/chart-model.ts";

const FILLS = { ok: "fill-ok-fill", bad: "fill-bad-fill", accent: "fill-acc-fill", quiet: "fill-idle-fill" };
const STROKES = { ok: "stroke-ok", bad: "stroke-bad", accent: "stroke-acc", quiet: "stroke-t3" };
const WEIGHTS = { main: { strokeWidth: 2 }, thin: { strokeWidth: 1.25 }, dashed: { strokeWidth: 1.25, strokeDasharray: "3 2" } };

type Props = {
	series: readonly ChartSeries[];
	hidden: ReadonlySet<string>;
	onHidden: (hidden: ReadonlySet<string>) => void;
	totals?: Record<string, string>;
};

/** Names of what a chart draws, with totals. A press shows only that; with ⌘ or ctrl it comes or goes. */
export function ChartLegend({ series, hidden, onHidden, totals = {} }: Props) {
	const keys = series.map(({ key }) => key);
	return (
		<div className="flex items-center">
			{series.map(({ key, word, kind, tone, weight = "main" }) => (
				<button
					key={key}
					type="button"
					aria-pressed={!hidden.has(key)}
					title={`Only ${word.toLowerCase()}. With ⌘ or ctrl: show or hide it.`}
					onClick={(event: MouseEvent) => onHidden(toggled(keys, hidden, key, event.metaKey || event.ctrlKey))}
					className="target inline-flex h-6.5 items-center justify-center gap-1.5 rounded-badge px-1.5 text-sec text-t2 hover:text-t1 aria-[pressed=false]:text-t3 aria-[pressed=false]:line-through"
				>
					<svg aria-hidden="true" width="12" height="9" className={hidden.has(key) ? "invisible" : "shrink-0"}>
						{kind === "bars" ? (
							<>
								<rect x="1" width="9" height="9" rx="1.5" className={FILLS[tone]} />
								{tone === "bad" && <path d="M1 6L7 0M4 9L10 3" className="stroke-s1" strokeOpacity="0.45" strokeWidth="1.5" />}
							</>
						) : (
							<line x1="0" x2="12" y1="4.5" y2="4.5" className={STROKES[tone]} {...WEIGHTS[weight]} />
						)}
					</svg>
					{word}
					{totals[key] !== undefined && <span className="font-medium text-t1">{totals[key]}</span>}
				</button>
			))}
		</div>
	);
}
