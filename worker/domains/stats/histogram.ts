/**
 * A fixed log-scale histogram of durations: eight bins an octave (each 9 % wider than the one before), from one second up.
 * Fixed edges make histograms additive over hours, days, workflows and databases.
 */
export type Histogram = Record<string, number>;

const BINS_PER_OCTAVE = 8;
/** About 48 days, more than a forge lets a run live: longer ones share the last bin. */
const LAST_BIN = 177;

/** The bin of a duration in milliseconds; everything under a second is bin 0. */
export function binOf(durationMs: number): number {
	if (!(durationMs >= 1000)) return 0;
	return Math.min(LAST_BIN, 1 + Math.floor(Math.log2(durationMs / 1000) * BINS_PER_OCTAVE));
}

/** Lower edge of a bin in milliseconds. */
function lowerEdgeMs(bin: number): number {
	return bin === 0 ? 0 : 1000 * 2 ** ((bin - 1) / BINS_PER_OCTAVE);
}

/** Add `sign` times `more` into `into`, dropping bins that come out empty. */
export function addHistogram(into: Histogram, more: Histogram, sign: 1 | -1 = 1): void {
	for (const bin in more) {
		const n = (into[bin] ?? 0) + sign * (more[bin] ?? 0);
		if (n === 0) delete into[bin];
		else into[bin] = n;
	}
}

/**
 * The q-quantile (0–1) in milliseconds, interpolated within its bin, so at most one bin (9 %) off.
 * @returns null for an empty histogram
 */
export function quantile(histogram: Histogram, q: number): number | null {
	const bins = Object.entries(histogram)
		.map(([bin, n]) => [Number(bin), n] as const)
		.filter(([, n]) => n > 0)
		.sort((a, b) => a[0] - b[0]);
	const total = bins.reduce((sum, [, n]) => sum + n, 0);
	if (total === 0) return null;
	const rank = q * total;
	let seen = 0;
	for (const [bin, n] of bins) {
		if (seen + n >= rank) {
			const share = Math.max(0, rank - seen) / n;
			return Math.round(lowerEdgeMs(bin) + share * (lowerEdgeMs(bin + 1) - lowerEdgeMs(bin)));
		}
		seen += n;
	}
	return lowerEdgeMs(LAST_BIN);
}
