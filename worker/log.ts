/** One structured line. Never a body, a header or a secret: ids, counts, outcomes. */
export function log(level: "info" | "warn" | "error", message: string, details: Record<string, unknown> = {}): void {
	const line = JSON.stringify({ level, message, at: new Date().toISOString(), ...details });
	if (level === "error") console.error(line);
	else if (level === "warn") console.warn(line);
	else console.log(line);
}
