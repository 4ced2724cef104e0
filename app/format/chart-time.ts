import { DAYS, formatStretch, MONTHS, partsIn } from "./time.ts";

/** The times of a chart: marks along its axis and the names of its buckets, in the chosen zone. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const STEPS_MS = [
	...[5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS, 4 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS],
	...[1, 2, 4, 7, 14, 28, 56, 91, 182, 364].map((days) => days * DAY_MS),
];

/** A mark on an axis. */
export type Tick = { at: number; label: string };

/** How far a zone's clocks are ahead of UTC at a moment, ms. */
function offsetOf(zone: string, at: number): number {
	if (zone === "UTC") return 0;
	const { year, month, day, hour, minute, second } = partsIn(zone, at);
	return Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second)) - Math.floor(at / 1000) * 1000;
}

/**
 * At most `max` marks at even times of the zone's own clock. Midnight is written as its day, because that is what one looks for.
 * @param from epoch ms, as is `to`
 */
export function timeTicks({ from, to }: { from: number; to: number }, zone: string, max = 7): Tick[] {
	const step = STEPS_MS.find((one) => (to - from) / one <= max) ?? 364 * DAY_MS;
	const ticks: Tick[] = [];
	const first = Math.ceil((from + offsetOf(zone, from)) / step) * step;
	for (let local = first; ticks.length < max; local += step) {
		// The offset just before and at the mark differ only in the hour of a clock change.
		const at = local - offsetOf(zone, local - offsetOf(zone, local));
		// A mark at the very end would be cut off.
		if (at >= to) break;
		const { day, month, hour, minute } = partsIn(zone, at);
		ticks.push({ at, label: step >= DAY_MS || (hour === "00" && minute === "00") ? `${day} ${MONTHS[month - 1]}` : `${hour}:${minute}` });
	}
	return ticks;
}

/** A bucket's name: `Fri 20 Nov, 03:00 – 04:00`; a whole day of the zone is only `Fri 20 Nov`, a week `16 – 23 Nov` in full. */
export function bucketWords({ from, to }: { from: number; to: number }, { now, zone }: { now: number; zone: string }): string {
	const [first, last] = [partsIn(zone, from), partsIn(zone, to)];
	const weekday = DAYS[new Date(Date.UTC(first.year, first.month - 1, first.day)).getUTCDay()];
	const day = `${weekday} ${first.day} ${MONTHS[first.month - 1]}`;
	const isMidnight = first.hour === "00" && first.minute === "00" && last.hour === "00" && last.minute === "00";
	if (isMidnight && to - from <= 25 * HOUR_MS && to - from >= 23 * HOUR_MS) return day;
	if (to - from <= HOUR_MS) return `${day}, ${first.hour}:${first.minute} – ${last.hour}:${last.minute}`;
	return formatStretch({ from, to }, { now, zone });
}
