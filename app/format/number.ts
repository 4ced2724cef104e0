/** Narrow no-break space, between a figure and its unit. */
export const THIN = "\u202f";

/** A count: `1,366`, and `12.4k` from ten thousand on, `1.2M` from a million on. */
export function formatCount(n: number): string {
	const size = Math.abs(n);
	// 999,950 and up would round to "1000k".
	if (size >= 999_950) return `${trimmed(n / 1_000_000)}M`;
	if (size >= 10_000) return `${trimmed(n / 1000)}k`;
	return grouped(Math.round(n));
}

/**
 * A share as percent: one decimal, more only close to 100, where they tell something (`99.946 %`), and never rounded up to 100.
 * @param share 0–1
 */
export function formatPercent(share: number): string {
	return `${percentDigits(share)}${THIN}%`;
}

/** The figure of `formatPercent` alone, for where the unit is set smaller. */
export function percentDigits(share: number): string {
	const percent = share * 100;
	if (percent === 100) return "100";
	if (percent > 99.95) return (Math.floor(percent * 1000) / 1000).toFixed(3);
	return percent.toFixed(1);
}

/** The distance of two shares, in percentage points: `1.9 pts`. Always positive; an arrow says the direction. */
export function formatPoints(difference: number): string {
	return `${Math.abs(difference * 100).toFixed(1)}${THIN}pts`;
}

/** `1 run`, `3 runs`. */
export function plural(n: number, one: string, many = `${one}s`): string {
	return `${formatCount(n)} ${n === 1 ? one : many}`;
}

function trimmed(n: number): string {
	return n.toFixed(1).replace(/\.0$/, "");
}

function grouped(n: number): string {
	return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A size in binary units: `912 B`, `4.9 KiB`. */
export function formatBytes(bytes: number): string {
	const units = ["B", "KiB", "MiB", "GiB"];
	const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
	return `${power === 0 ? bytes : trimmed(bytes / 1024 ** power)}${THIN}${units[power]}`;
}
