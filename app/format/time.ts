import { formatDuration } from "./duration.ts";
import { THIN } from "./number.ts";

/** Times in words. Months and days are spelled here, not by Intl, so that every runtime writes the same letters. */

export const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
export const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_MS = 24 * 3600_000;

type Parts = { year: number; month: number; day: number; hour: string; minute: string; second: string };

/** Building one costs far more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether this machine knows a time zone of that name. */
export function isTimeZone(zone: string): boolean {
	// Offsets like "+02:00" are no places: they would be wrong after the next change of the clocks.
	if (!/^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/.test(zone)) return false;
	try {
		new Intl.DateTimeFormat("en", { timeZone: zone });
		return true;
	} catch {
		return false;
	}
}

/** A moment as a calendar and a clock in a zone show it. */
export function partsIn(zone: string, at: number): Parts {
	let format = formats.get(zone);
	if (!format) {
		format = new Intl.DateTimeFormat("en-US", {
			timeZone: zone,
			hourCycle: "h23",
			year: "numeric",
			month: "numeric",
			day: "numeric",
			hour: "2-digit",
			minute: "2-digit",
			second: "2-digit",
		});
		formats.set(zone, format);
	}
	const found = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
	return {
		year: Number(found.year),
		month: Number(found.month),
		day: Number(found.day),
		hour: found.hour ?? "00",
		minute: found.minute ?? "00",
		second: found.second ?? "00",
	};
}

/** How far a zone is ahead of UTC at a moment, ms. */
export function offsetMs(zone: string, at: number): number {
	const { year, month, day, hour, minute, second } = partsIn(zone, at);
	return Date.UTC(year, month - 1, day, Number(hour), Number(minute), Number(second)) - Math.floor(at / 1000) * 1000;
}

/** A zone's distance from UTC at a moment: `UTC+05:30`, `UTC−08:00`. */
export function formatOffset(zone: string, at: number): string {
	const minutes = Math.round(offsetMs(zone, at) / 60_000);
	const two = (n: number) => String(n).padStart(2, "0");
	return `UTC${minutes < 0 ? "−" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** A moment as it is typed: `2026-11-20 03:14` in a zone. */
export function formatTyped(at: number, zone: string): string {
	return new Date(at + offsetMs(zone, at)).toISOString().slice(0, 16).replace("T", " ");
}

/** `03:14:02` in a zone. */
export function formatClock(at: number, zone: string): string {
	const { hour, minute, second } = partsIn(zone, at);
	return `${hour}:${minute}:${second}`;
}

/** A moment in a table: `03:07:20` today, `17 Nov 22:41` this year, `17 Nov 2025` before. */
export function formatMoment(at: number, { now, zone }: { now: number; zone: string }): string {
	const then = partsIn(zone, at);
	const today = partsIn(zone, now);
	const day = `${then.day} ${MONTHS[then.month - 1]}`;
	if (then.year !== today.year) return `${day} ${then.year}`;
	if (then.month !== today.month || then.day !== today.day) return `${day} ${then.hour}:${then.minute}`;
	return `${then.hour}:${then.minute}:${then.second}`;
}

/** A moment to the minute, as the end of something is spoken of: `03:46` today, otherwise as in a table. */
export function formatUntil(at: number, clock: { now: number; zone: string }): string {
	return formatMoment(at, clock).replace(/^(\d\d:\d\d):\d\d$/, "$1");
}

/** A moment in full, in UTC and, where another zone is chosen, there too: `Fri 20 Nov 2026, 03:07:20 UTC (04:07 Berlin)`. */
export function formatFullMoment(at: number, zone: string): string {
	const utc = partsIn("UTC", at);
	const weekday = DAYS[new Date(at).getUTCDay()];
	const full = `${weekday} ${utc.day} ${MONTHS[utc.month - 1]} ${utc.year}, ${utc.hour}:${utc.minute}:${utc.second} UTC`;
	if (zone === "UTC") return full;
	const there = partsIn(zone, at);
	const day = there.day === utc.day ? "" : `${there.day} ${MONTHS[there.month - 1]} `;
	return `${full} (${day}${there.hour}:${there.minute} ${placeOf(zone)})`;
}

/** How long ago: `2 s`, `8 min`, `3 h`, `4 d`. A moment ahead of us, as clocks differ, is `0 s`. */
export function formatAge(at: number, now: number): string {
	const ms = Math.max(0, now - at);
	const seconds = Math.floor(ms / 1000);
	if (seconds < 60) return `${seconds}${THIN}s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}${THIN}min`;
	if (ms < DAY_MS) return `${Math.floor(seconds / 3600)}${THIN}h`;
	return formatDuration(ms);
}

/** The part of a zone's name that people say: `Europe/Berlin` → `Berlin`. */
export function placeOf(zone: string): string {
	return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}

/** Two moments as a stretch: `17 Nov 22:00 – 20 Nov 03:00`, `20 Nov 02:00 – 03:00` within a day, with the year where it is another than now's. */
export function formatStretch({ from, to }: { from: number; to: number }, { now, zone }: { now: number; zone: string }): string {
	const [first, last, today] = [partsIn(zone, from), partsIn(zone, to), partsIn(zone, now)];
	const year = first.year === today.year && last.year === today.year ? "" : ` ${last.year}`;
	const isOneDay = first.day === last.day && first.month === last.month && first.year === last.year;
	const day = (parts: Parts) => `${parts.day} ${MONTHS[parts.month - 1]}`;
	const end = `${isOneDay ? "" : `${day(last)} `}${last.hour}:${last.minute}`;
	return `${day(first)} ${first.hour}:${first.minute} – ${end}${year}`;
}
