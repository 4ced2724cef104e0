import type { AuditEntryBody } from "../../wire/api.ts";

/** The audit as a CSV file that is safe to open in a spreadsheet. */

const COLUMNS = [
	...(["no", "at", "actor", "actor_name", "role", "act", "object", "before", "after"] as const),
	...(["reason", "request_id", "address", "outcome", "hash"] as const),
];

/** What a spreadsheet would run instead of show, also in its full-width forms and after spaces. @source OWASP, CSV Injection */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

/** One value of a CSV file, quoted; a text that looks like a formula stays one by an apostrophe before it. */
export function csvCell(value: string | number | null): string {
	const text = typeof value === "string" && FORMULA.test(value) ? `'${value}` : String(value ?? "");
	return `"${text.replaceAll('"', '""')}"`;
}

/** The first line of the file. */
export const CSV_HEAD = csvLine(COLUMNS);

/** One entry as a line of the file; `before` and `after` as JSON. */
export function csvEntry(entry: AuditEntryBody): string {
	return csvLine(
		COLUMNS.map((column) => {
			const value = entry[column];
			return typeof value === "string" || typeof value === "number" || value === null ? value : JSON.stringify(value);
		}),
	);
}

function csvLine(values: readonly (string | number | null)[]): string {
	return `${values.map(csvCell).join(",")}\r\n`;
}
