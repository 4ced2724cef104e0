import type { EnvironmentSettings, Lock } from "../../wire/deployments.ts";

/** What an environment is called and known by. */

/**
 * An environment's id: made of its team and name, so that whoever hears of it first makes the same one, in any order, and no two teams
 * share one. 60 bits of FNV-1a over both; only the team's own names could ever meet in it.
 */
export function environmentIdOf(teamId: string, name: string): string {
	return `e-${fnv(`${teamId}\n${environmentKey(name)}`)}`;
}

/** Two spellings of one environment: case and outer space do not count. */
export function environmentKey(name: string): string {
	return name.trim().toLowerCase();
}

const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
const PRIME = 0x100000001b3n;
const MASK = (1n << 64n) - 1n;

/** FNV-1a, 64 bits, as twelve letters and digits. @source http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv(text: string): string {
	let hash = 0xcbf29ce484222325n;
	for (const byte of utf8(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
	let letters = "";
	for (let n = 0; n < 12; n++) {
		letters += ALPHABET[Number(hash & 31n)];
		hash >>= 5n;
	}
	return letters;
}

/** The UTF-8 bytes of a text, for code that has no TextEncoder. */
function utf8(text: string): number[] {
	const bytes: number[] = [];
	for (const char of text.toWellFormed()) {
		const code = char.codePointAt(0) as number;
		if (code < 0x80) bytes.push(code);
		else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
		else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
		else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
	}
	return bytes;
}

/** Whether a name says production, until somebody says otherwise in its settings. */
export function isProductionName(name: string): boolean {
	return /^(prod|production|live)([-_/ ].*)?$|[-_/ ](prod|production)$/i.test(name.trim());
}

/** A development environment by its name: there a rollback takes a plain button. */
export function isDevelopmentName(name: string): boolean {
	return /^(dev|development|test|sandbox|preview)([-_/ ].*)?$/i.test(name.trim());
}

/** What is typed to confirm something in an environment: four letters where it is production, never a long name. */
export function confirmWord({ name, isProduction }: { name: string; isProduction: boolean }): string {
	return isProduction ? "prod" : name;
}

/** How long an environment stays locked and a version held after a rollback. @source design brief, Argo CD */
export const LOCK_AFTER_ROLLBACK_MS = 30 * 60_000;

/** An environment as it is kept. Its lock is what was said last: whether it holds still depends on the clock. */
export type StoredEnvironment = {
	id: string;
	name: string;
	createdAt: number;
	settings: EnvironmentSettings;
	lock: Lock | null;
	/** The newest fence that a command of it was given. */
	fence: number;
};

/** A lock as long as it holds. */
export function lockNow(lock: Lock | null, now: number): Lock | null {
	return lock !== null && (lock.until === null || lock.until > now) ? lock : null;
}
