const BAR = 3;
const GAP = 1;
const HEIGHT = 20;
/** What ran is to be seen, however short it was beside the longest. */
const LEAST = 2;

type Props = { means: readonly (number | null)[]; isStale: boolean; label: string };

/** A course of durations with many gaps: a bar for each part of the range in which something finished, none elsewhere. */
export function DurationBars({ means, isStale, label }: Props) {
	const longest = Math.max(...means.map((mean) => mean ?? 0));
	const width = means.length * (BAR + GAP) - GAP;
	return (
		<svg role="img" aria-label={label} width={width} height={HEIGHT} className="block max-w-full">
			{/* A line to stand on, so that empty parts read as time without runs. */}
			<rect y={HEIGHT - 1} width={width} height="1" className="fill-line2" />
			{means.map((mean, index) => {
				if (mean === null) return null;
				const height = Math.max(LEAST, Math.round((mean / Math.max(1, longest)) * (HEIGHT - 2)));
				const isLast = index === means.length - 1;
				const fill = isStale ? "fill-idle-fill" : "fill-acc";
				return (
					<rect
						key={index}
						x={index * (BAR + GAP)}
						y={HEIGHT - 1 - height}
						width={BAR}
						height={height}
						className={fill}
						fillOpacity={isLast ? 1 : 0.65}
					/>
				);
			})}
		</svg>
	);
}
