/** What a log line may carry: facts about an event, never a header, a body or a token. */
export type LogFacts = Record<string, string | number | boolean | null | undefined>;
export type Log = (level: "info" | "warn" | "error", what: string, facts?: LogFacts) => void;

const LINE_MAX = 2000;
/** Shorter ones are no tokens, and striking them out would leave no line readable. */
const SECRET_MIN = 6;

/** JSON lines, one event each. Every token that was ever read is struck out, should a message quote it. */
export function makeLog({
	write,
	now,
	secrets,
}: {
	write: (line: string) => void;
	now: () => number;
	secrets: () => readonly string[];
}): Log {
	return (level, what, facts = {}) => {
		let line = JSON.stringify({ at: new Date(now()).toISOString(), level, what, ...facts }).slice(0, LINE_MAX);
		for (const secret of secrets()) if (secret.length >= SECRET_MIN) line = line.replaceAll(secret, "***");
		write(`${line}\n`);
	};
}
