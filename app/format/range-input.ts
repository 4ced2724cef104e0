import { DAY_MS, HOUR_MS } from "#worker/domains/runs/tally";
import { MONTHS, offsetMs, placeOf } from "./time.ts";
import { DAYS_MAX, type Range } from "./view.ts";

/** A range as someone types it, read in the chosen zone. */

type Where = { zone: string; now: number };
type Typed = { year: number; month: number; day: number; hour: number; minute: number; isWholeDay: boolean };
type Read = { ok: true; at: number } | { ok: false; message: string };

const EXAMPLE = "2026-11-20 03:14";

/**
 * The moment a typed text means: `2026-11-20 03:14`, `20 Nov 2026 03:14`, `20 Nov 03:14` (this year), `2026-11-20` (its begin or, as the
 * end of a range, its end), `03:14` (today), `now`. Where clocks went back an hour is there twice: a range takes in both. A whole day
 * whose midnight the clocks jump over begins or ends where they do.
 */
export function readMoment(text: string, edge: "from" | "to", { zone, now }: Where): Read {
	const trimmed = text.trim();
	if (trimmed === "") return refused(`Write a time like ${EXAMPLE}.`);
	if (/^now$/i.test(trimmed)) return { ok: true, at: now };
	const typed = partsOf(trimmed, edge, { zone, now });
	if (!typed) return refused(`“${trimmed.slice(0, 40)}” is not understood. Write it like ${EXAMPLE}.`);
	// The 31st of February would quietly become the 3rd of March.
	const day = new Date(Date.UTC(typed.year, typed.month - 1, typed.day));
	if (day.getUTCMonth() !== typed.month - 1) return refused("There is no such day. Check day and month.");
	if (typed.hour > 24 || typed.minute > 59 || (typed.hour === 24 && typed.minute > 0))
		return refused("The clock goes from 00:00 to 23:59.");
	const wall = day.getTime() + typed.hour * HOUR_MS + typed.minute * 60_000;
	const moments = momentsAt(wall, zone);
	const at = (edge === "from" ? moments[0] : moments.at(-1)) ?? (typed.isWholeDay ? jumpOver(wall, zone) : undefined);
	if (at === undefined) return refused(`This time does not exist in ${placeOf(zone)}: the clocks went forward. Write it an hour later.`);
	return { ok: true, at };
}

/** Both ends of a typed range, or what is wrong with which. */
export function readRange(
	typed: { from: string; to: string },
	where: Where,
): { ok: true; range: Range } | { ok: false; fields: { from?: string; to?: string } } {
	const from = readMoment(typed.from, "from", where);
	const to = readMoment(typed.to, "to", where);
	if (!from.ok || !to.ok)
		return { ok: false, fields: { ...(from.ok ? {} : { from: from.message }), ...(to.ok ? {} : { to: to.message }) } };
	if (from.at > where.now) return { ok: false, fields: { from: "This is in the future. Nothing has run yet." } };
	if (from.at >= to.at) return { ok: false, fields: { to: "The end must be after the begin." } };
	if (to.at - from.at > DAYS_MAX * DAY_MS) return { ok: false, fields: { from: `A range may not be longer than ${DAYS_MAX} days.` } };
	return { ok: true, range: { from: from.at, to: to.at, label: "Custom" } };
}

/** The moments at which a zone's clocks show a time (given as if it were UTC): none where they jump over it, two where they go back. */
export function momentsAt(wall: number, zone: string): number[] {
	// Clocks change by hours and not twice in two days: the offsets around the day are all there is.
	const offsets = new Set([offsetMs(zone, wall - DAY_MS), offsetMs(zone, wall + DAY_MS)]);
	return [...offsets]
		.map((offset) => wall - offset)
		.filter((at) => at + offsetMs(zone, at) === wall)
		.sort((a, b) => a - b);
}

/** The moment at which a zone's clocks jump over a time (given as if it were UTC) that they never show. */
function jumpOver(wall: number, zone: string): number {
	// No clock is a whole day from UTC: the jump lies between these two.
	let [before, after] = [wall - DAY_MS, wall + DAY_MS];
	while (after - before > 1) {
		const middle = Math.floor((before + after) / 2);
		if (middle + offsetMs(zone, middle) < wall) before = middle;
		else after = middle;
	}
	return after;
}

function partsOf(text: string, edge: "from" | "to", { zone, now }: Where): Typed | null {
	const today = new Date(now + offsetMs(zone, now));
	const clock = /(?:^|[ T,]+)(\d{1,2}):(\d{2})(?::\d{2})?$/.exec(text);
	const date = (clock ? text.slice(0, clock.index) : text).trim();
	// A day without a time is meant whole.
	const time = clock
		? { hour: Number(clock[1]), minute: Number(clock[2]), isWholeDay: false }
		: { hour: edge === "from" ? 0 : 24, minute: 0, isWholeDay: true };
	if (date === "") {
		return clock && { year: today.getUTCFullYear(), month: today.getUTCMonth() + 1, day: today.getUTCDate(), ...time };
	}
	const numbers = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(date);
	if (numbers) return { year: Number(numbers[1]), month: Number(numbers[2]), day: Number(numbers[3]), ...time };
	const words = /^(\d{1,2})\.? ?([A-Za-z]{3})[a-z]*(?: (\d{4}))?$/.exec(date);
	const month = MONTHS.findIndex((name) => name.toLowerCase() === words?.[2]?.toLowerCase()) + 1;
	if (!words || month === 0) return null;
	return { year: Number(words[3] ?? today.getUTCFullYear()), month, day: Number(words[1]), ...time };
}

function refused(message: string): Read {
	return { ok: false, message };
}
