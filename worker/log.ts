import { redact } from "./domains/redaction/mask.ts";

type Level = "info" | "warn" | "error";

/** One structured line. Never a body, a header or a secret: ids, counts, outcomes. What an error quotes is masked all the same. */
export function log(level: Level, message: string, details: Record<string, unknown> = {}): void {
	write(level, redact(lineOf(level, message, details)).text);
}

/** The one line that holds a secret: the setup token of an empty installation, for whoever can read its log. */
export function logSetupToken(message: string, token: string): void {
	write("warn", lineOf("warn", message, { setup_token: token }));
}

function lineOf(level: Level, message: string, details: Record<string, unknown>): string {
	return JSON.stringify({ level, message, at: new Date().toISOString(), ...details });
}

function write(level: Level, line: string): void {
	if (level === "error") console.error(line);
	else if (level === "warn") console.warn(line);
	else console.log(line);
}
