import { REPOSITORIES } from "./cast.ts";
import { type Random, randomFrom } from "./random.ts";

/** When the story's people work. A story day is the 24 hours that end `day` days before the anchor, so nothing lies after it. */

export const DAYS = 90;
const HOUR_MS = 3600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Deliveries of the whole story; runs are about nine tenths, the rest pushes and first attempts of re-runs. */
export const DELIVERIES = 21_000;
/** Pushes and bodies are only told for the newest days: older ones would be beyond what a team looks at, or keeps. */
export const PUSH_DAYS = 30;
export const BODY_DAYS = 14;

// Share of a working day's activity by UTC hour: a European morning, an American afternoon, a quiet night.
const BY_HOUR = [3, 2, 2, 2, 3, 5, 12, 28, 52, 68, 70, 62, 48, 64, 74, 72, 66, 54, 40, 30, 22, 14, 9, 5];
// Sunday first.
const BY_WEEKDAY = [0.14, 0.95, 1.08, 1.1, 1.04, 0.84, 0.18];

/** Activity in the hour that begins at `at`, relative. */
function hourWeight(at: number): number {
	const hour = Math.floor(at / HOUR_MS);
	// 1 January 1970 was a Thursday.
	const weekday = (Math.floor(hour / 24) + 4) % 7;
	return BY_HOUR[hour % 24]! * BY_WEEKDAY[weekday]! + 1;
}

/** Activity of a story day: the sum of its hours, and a slow growth of the company over the quarter. */
function dayWeight(anchor: number, day: number): number {
	let sum = 0;
	for (let hour = 1; hour <= 24; hour++) sum += hourWeight(anchor - day * DAY_MS - hour * HOUR_MS);
	return sum * (1.12 - (0.24 * day) / DAYS);
}

/**
 * Where each day's deliveries begin in the story's order, newest first; the last entry is the total.
 * This is arithmetic only, so that one group can be told without telling all of them.
 */
export function dayOffsets(anchor: number): number[] {
	const weights = Array.from({ length: DAYS }, (_, day) => dayWeight(anchor, day));
	const total = weights.reduce((sum, weight) => sum + weight, 0);
	let seen = 0;
	const offsets = [0];
	for (const weight of weights) offsets.push(Math.round((DELIVERIES * (seen += weight)) / total));
	return offsets;
}

/** An instant of the story day, more likely in its busy hours. */
export function instantIn(anchor: number, day: number, random: Random): number {
	const end = anchor - day * DAY_MS;
	const hours = Array.from({ length: 24 }, (_, n) => ({ at: end - (n + 1) * HOUR_MS, weight: hourWeight(end - (n + 1) * HOUR_MS) }));
	return random.weighted(hours).at + random.below(HOUR_MS);
}

/** The day of the incident is a bad one, and the day before it a good one: the last day must look worse, on a Saturday too. */
const TROUBLE_AT_THE_END = [2.2, 0.25];

/**
 * How much likelier than usual runs fail on a story day: a few bad days for everyone, a few for one repository. How the story
 * ends is not left to chance.
 */
export function troubleOf(teamSalt: string, day: number, repo: string): number {
	const known = TROUBLE_AT_THE_END[day];
	if (known !== undefined) return known;
	const random = randomFrom(`${teamSalt}/trouble/${day}`);
	const everyone = random.chance(0.06) ? 3 : 1;
	const unlucky = random.chance(0.25) ? random.pick(REPOSITORIES).name : "";
	return everyone * (unlucky === repo ? 4 : 1);
}
