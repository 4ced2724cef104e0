const WIDTH = 112;
const HEIGHT = 36;
const PAD = 3;

/** What a sparkline means: passed, failed, or neither. Stale ones lose their colour. */
export type SparkTone = "ok" | "bad" | "neutral" | "stale";

const TONES: Record<SparkTone, { line: string; area: string; dot: string }> = {
	ok: { line: "stroke-ok-fill", area: "fill-ok-fill", dot: "fill-ok-fill" },
	bad: { line: "stroke-bad-fill", area: "fill-bad-fill", dot: "fill-bad-fill" },
	neutral: { line: "stroke-acc", area: "fill-acc-fill", dot: "fill-acc" },
	stale: { line: "stroke-idle-fill", area: "fill-idle-fill", dot: "fill-idle-fill" },
};

/**
 * A figure's recent course, as SVG that is there before any script.
 * @param points null is a gap, and stays one
 * @param minSpan the least difference the height stands for, so that a flat line looks flat
 */
export function Sparkline({
	points,
	minSpan,
	tone,
	label,
}: {
	points: (number | null)[];
	minSpan: number;
	tone: SparkTone;
	label: string;
}) {
	const spans = toSpans(points, minSpan);
	const last = spans.at(-1)?.at(-1);
	// A line along zero has no course to show.
	if (!last || points.every((value) => !value)) return null;
	const { line, area, dot } = TONES[tone];
	return (
		<svg
			role="img"
			aria-label={label}
			viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
			preserveAspectRatio="none"
			className="h-full w-full overflow-visible"
		>
			{spans.map((span) => (
				<g key={span[0]?.x}>
					<path d={`${toPath(span)}L${span.at(-1)?.x} ${HEIGHT}L${span[0]?.x} ${HEIGHT}Z`} className={area} fillOpacity="0.16" />
					<path
						d={toPath(span)}
						fill="none"
						className={line}
						strokeWidth="1.5"
						strokeLinejoin="round"
						strokeLinecap="round"
						vectorEffect="non-scaling-stroke"
					/>
				</g>
			))}
			<circle cx={last.x} cy={last.y} r="2" className={dot} />
		</svg>
	);
}

type Point = { x: number; y: number };

function toSpans(points: (number | null)[], minSpan: number): Point[][] {
	const known = points.filter((value) => value !== null);
	if (known.length === 0) return [];
	const middle = (Math.min(...known) + Math.max(...known)) / 2;
	const span = Math.max(Math.max(...known) - Math.min(...known), minSpan);
	// Counts and lengths of time never go below zero, so neither does the scale.
	const low = Math.max(0, middle - span / 2);
	const spans: Point[][] = [];
	let open: Point[] | null = null;
	for (const [index, value] of points.entries()) {
		if (value === null) {
			open = null;
			continue;
		}
		if (!open) spans.push((open = []));
		const x = points.length === 1 ? WIDTH : (index / (points.length - 1)) * (WIDTH - PAD);
		const y = HEIGHT - PAD - ((value - low) / span) * (HEIGHT - 2 * PAD);
		open.push({ x: round(x), y: round(y) });
	}
	return spans;
}

function toPath(span: Point[]): string {
	return span.map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${x} ${y}`).join("");
}

function round(n: number): number {
	return Math.round(n * 10) / 10;
}
