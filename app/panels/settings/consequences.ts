import type { SessionReport, TokenReport } from "#worker/domains/auth/model";
import type { Holdings } from "#worker/domains/teams/model";
import { plural } from "../../format/number.ts";
import { formatAge } from "../../format/time.ts";
import { browserOf } from "./browser-of.ts";

/** What taking something away from somebody means, in numbers, before it is done. Pure: `now` comes in. */

/** Removing somebody from a team. */
export function removalOfMember(name: string, { tokens, sessions }: Pick<Holdings, "tokens" | "sessions">, isMe: boolean): string {
	const ends = `${plural(tokens, "token")} ${tokens === 1 ? "ends" : "end"}`;
	const closes = `the team's pages close in ${plural(sessions, "signed-in browser")}`;
	return `${isMe ? "You leave" : `${name} leaves`} this team at once: ${ends}, and ${closes}.`;
}

/** Revoking a token. */
export function revocationOf({ lastUsedAt, scopes }: Pick<TokenReport, "lastUsedAt" | "scopes">, now: number): string {
	const use =
		lastUsedAt === null ? "It was never used." : `It was used ${formatAge(lastUsedAt, now)} ago: what uses it is refused at once.`;
	return `${use} ${plural(scopes.length, "right")} (${scopes.join(", ")}) ${scopes.length === 1 ? "ends" : "end"}, and nobody can undo it.`;
}

/** Ending all sessions but this one. */
export function endingOf(others: readonly Pick<SessionReport, "agent">[]): string {
	const browsers = [...new Set(others.map(({ agent }) => browserOf(agent)))];
	const named = browsers.slice(0, 3).join(", ") + (browsers.length > 3 ? ` and ${browsers.length - 3} more` : "");
	return `${plural(others.length, "session")} ${others.length === 1 ? "ends" : "end"} at once: ${named}. What they have open is signed out.`;
}
