/**
 * Tolerant readings of unknown JSON. Each gives null for what is absent or has another shape, so a sender that adds, drops or
 * retypes a field never makes a source throw.
 */

const NAME_MAX = 255;
const MESSAGE_MAX = 500;

/** A parsed JSON object. */
export type Json = Record<string, unknown>;

/** The object itself, or null for anything else (arrays included). */
export function asObject(value: unknown): Json | null {
	// Safe because an object that is neither null nor an array answers every string key with unknown.
	return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** The object under `key`, or an empty one: `child(child(body, "a"), "b")` reads through holes. */
export function child(parent: Json, key: string): Json {
	return (Object.hasOwn(parent, key) ? asObject(parent[key]) : null) ?? {};
}

/** The objects in the array under `key`; what is not an object is left out. */
export function children(parent: Json, key: string): Json[] {
	return readArray(parent[key])
		.map(asObject)
		.filter((one) => one !== null);
}

/** The array, or an empty one. */
export function readArray(value: unknown): unknown[] {
	return Array.isArray(value) ? value : [];
}

// Cutting between the halves of a surrogate pair would make a string ill-formed again.
function clip(text: string, length: number): string {
	return text.length <= length ? text : text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}

/** Well-formed Unicode without NUL: a lone surrogate is stored as something that never equals itself again, and SQLite's length() ends at NUL. */
export function clean(text: string): string {
	return (text.includes("\0") ? text.replaceAll("\0", "") : text).toWellFormed();
}

/** Control characters, line ends among them. */
export const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** A name, at most 255 characters, without surrounding space; null when absent or empty. */
export function readName(value: unknown): string | null {
	if (typeof value !== "string") return null;
	// A name is one line: keys are made of names, and line ends separate their parts.
	const name = clip(clean(value).replace(CONTROLS, " ").trim(), NAME_MAX).trim();
	return name === "" ? null : name;
}

/** The first line of a message, at most 500 characters; null when absent or empty. */
export function readLine(value: unknown): string | null {
	if (typeof value !== "string") return null;
	const line = clip(clean(value.trimStart().split(/[\r\n\u2028\u2029]/, 1)[0] ?? ""), MESSAGE_MAX).trim();
	return line === "" ? null : line;
}

/** An id: a whole number or a string of digits, as decimal text; null for anything else. */
export function readId(value: unknown): string | null {
	if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
	return typeof value === "string" && /^\d{1,30}$/.test(value) ? value : null;
}

/** A whole number of at least `min`; null for anything else. */
export function readInt(value: unknown, min = 0): number | null {
	const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
	return typeof number === "number" && Number.isSafeInteger(number) && number >= min ? number : null;
}

/** A web address; null for anything but http and https, so that no page ever links to `javascript:`. */
export function readUrl(value: unknown): string | null {
	return typeof value === "string" && /^https?:\/\/[^\s]+$/i.test(value) && value.length <= 2048 ? clean(value) : null;
}

/** Seconds, with fractions, as whole milliseconds; null when absent or negative. */
export function readSecondsAsMs(value: unknown): number | null {
	return typeof value === "number" && value >= 0 && value < 1e10 ? Math.round(value * 1000) : null;
}

const ISO = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;
// GitLab: "2016-08-12 15:23:28 UTC" and "2021-04-28 21:50:00 +0200".
const GITLAB = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) (?:UTC|([+-]\d{2}):?(\d{2}))$/;
const YEAR_0001 = -62_135_596_800_000; // Go's zero time, which its senders mean as "not yet"
const MS_FROM = 100_000_000_000; // as seconds the year 5138, as milliseconds 1973: an int at or above this is milliseconds

/** Whether the day exists: the engine reads 30 February as 2 March. */
function isOnCalendar(iso: string): boolean {
	const [year, month, day] = iso.slice(0, 10).split("-").map(Number) as [number, number, number];
	return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function readTimeText(text: string): number | null {
	const gitlab = GITLAB.exec(text);
	const iso = gitlab ? `${gitlab[1]}T${gitlab[2]}${gitlab[3] ? `${gitlab[3]}:${gitlab[4]}` : "Z"}` : text;
	if (!ISO.test(iso) || !isOnCalendar(iso)) return null;
	const time = Date.parse(iso.replace(/([+-]\d{2})(\d{2})$/, "$1:$2").toUpperCase());
	return Number.isNaN(time) || time === YEAR_0001 ? null : time;
}

/** An instant as epoch ms: ISO 8601 with any offset, GitLab's form, or epoch seconds or milliseconds; null for anything else. */
export function readTime(value: unknown): number | null {
	if (typeof value === "string") return value.length <= 40 ? readTimeText(value) : null;
	if (typeof value !== "number" || !Number.isFinite(value) || value <= 0 || value > 8.64e15) return null;
	return Math.round(value >= MS_FROM ? value : value * 1000);
}

/** finish − start where both are known; never negative, for clocks disagree. */
export function between(startedAt: number | null, finishedAt: number | null): number | null {
	return startedAt === null || finishedAt === null ? null : Math.max(0, finishedAt - startedAt);
}

/** An object without its null fields: what `meta` keeps. */
export function present(fields: Json): Json {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)));
}

/** The essentials that a body lacks, for the sender to read: field path → what is wrong. */
export function missing(fields: Json): Record<string, string> {
	const absent = Object.keys(fields).filter((path) => fields[path] === null);
	return Object.fromEntries(absent.map((path) => [path, "This field is missing or not of the expected kind."]));
}
