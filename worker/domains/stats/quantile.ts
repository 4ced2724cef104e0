/**
 * The q-quantile (0–1) of a handful of values, interpolated between neighbours and rounded; exact, unlike a histogram's.
 * @returns null without values
 */
export function quantileOf(values: readonly number[], q: number): number | null {
	const sorted = [...values].sort((a, b) => a - b);
	const rank = q * (sorted.length - 1);
	const below = sorted[Math.floor(rank)];
	const above = sorted[Math.ceil(rank)];
	if (below === undefined || above === undefined) return null;
	return Math.round(below + (above - below) * (rank - Math.floor(rank)));
}
