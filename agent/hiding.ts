import { createHmac, randomBytes } from "node:crypto";
import { redact } from "#worker/domains/redaction/mask";
import { isSecretName } from "#worker/domains/redaction/pairs";

/**
 * What may be said of a value in a pod template. Literal values of variables, arguments and annotations may be secrets, and a template
 * tells what changed without them: here more is hidden than elsewhere, because what is hidden for nothing costs a person little.
 */

/** Stands for what is not said. The edge's own rules take it for what it is, and leave it. */
export const HIDDEN = "[hidden]";

/** A name that may be a secret's. */
const TELLING =
	/token|secret|passw|passphrase|pwd|(?:^|[^a-z])pass|key|credential|dsn|auth(?!ors?$)|cookie|session|private|signature|salt|pepper|conn(?:ection)?[_-]?str/i;
/** Of these even a number is one. */
const NUMBER_TOO = /pass|pwd|secret/i;
/** Says nothing whatever its name: a switch, nothing at all, another variable. */
const PLAIN = /^(?:true|false|yes|no|on|off|\$\([\w.-]+\))?$/i;
const NUMBER = /^-?\d{1,6}(?:\.\d{1,6})?(?:ms|s|m|h|d|[kKMG]i?B?)?$/;
/** `API_KEY=…`, `--db-dsn=…` within a longer text, as in a shell's script. */
const ASSIGNED = /(?<![\w.-])([\w.-]{1,160})=("[^"]*"|'[^']*'|[^\s"'&;]+)/g;
/** From the scheme, or the start, to the last "@": a password may hold a "/", a space or another "@". */
const IN_ADDRESS = /:\/\/[^\n]*@/g;
const BEFORE_HOST = /^[^\s:/@"']+:(?!\/\/)[^\n]*@/;
/** Long runs in which letters and digits take turns are made by a machine. */
const RUN = /[A-Za-z0-9+=]{16,}/g;
const TURN = /[A-Za-z](?=\d)|\d(?=[A-Za-z])/g;
const TURNS_MIN = 4;
/** Made by a machine and shown to people, by their names. */
const PUBLIC = /sha|commit|revision|digest|checksum|version|build|release|tag/i;

/** No more of a text is looked at, because no more of it could be said: a variable may hold a megabyte. */
const READ_MAX = 4000;

/** Whether nothing of a value may be said, by the name it has and by what it is. */
export function isHidden(name: string, value: string): boolean {
	if (PLAIN.test(value)) return false;
	if (NUMBER.test(value)) return isSecretName(name) || NUMBER_TOO.test(name);
	return TELLING.test(name);
}

/** What may be said of a named value: nothing, or all but what in it looks like a secret. */
export function sayNamed(name: string, value: string): string {
	return isHidden(name, value) ? HIDDEN : sayText(value, PUBLIC.test(name));
}

/** A text without what in it looks like a secret. `isPublic`: runs of letters and digits are known to be none. */
export function sayText(text: string, isPublic = false): string {
	const known = redact(text.slice(0, READ_MAX))
		.text.replace(/\[masked:[a-z0-9-]+\]/g, HIDDEN)
		.replace(IN_ADDRESS, `://${HIDDEN}@`)
		.replace(BEFORE_HOST, `${HIDDEN}@`)
		.replace(ASSIGNED, (pair: string, name: string, value: string) =>
			isHidden(name, value.replace(/^["']|["']$/g, "")) ? `${name}=${HIDDEN}` : pair,
		);
	return isPublic ? known : known.replace(RUN, (run) => ((run.match(TURN)?.length ?? 0) >= TURNS_MIN ? HIDDEN : run));
}

/** Arguments of a program: `--token=x`, `NAME=x` and `--token x` are named values. */
export function sayArguments(items: readonly string[]): string[] {
	return items.map((item, n) => {
		const [, name, value] = /^(--?[\w.-]+|[A-Za-z_][\w.-]*)=(.*)$/s.exec(item) ?? [];
		if (name !== undefined && value !== undefined) return `${name}=${sayNamed(name, value)}`;
		const before = items[n - 1] ?? "";
		const isFlags = /^--?[A-Za-z][\w.-]*$/.test(before) && !item.startsWith("-");
		return isFlags ? sayNamed(before, item) : sayText(item);
	});
}

// New at each start and never told to anybody, so that a mark says nothing to who does not run in this process.
const key = randomBytes(32);

/** Tells two values apart without holding them. It never leaves the process. */
export function markOfValue(value: string): string {
	return createHmac("sha256", key).update(value).digest("base64url").slice(0, 16);
}
