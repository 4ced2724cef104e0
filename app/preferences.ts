import { isTimeZone } from "./format/time.ts";

/** What a browser remembers about how it likes to see things. Plain cookies, readable without knowing who is asking. */

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = (typeof THEMES)[number];

const YEAR_SECONDS = 365 * 24 * 3600;

/** The value of one cookie, decoded; null where it is absent or broken. */
export function readCookie(header: string | null, name: string): string | null {
	for (const part of (header ?? "").split(";")) {
		const at = part.indexOf("=");
		if (at < 0 || part.slice(0, at).trim() !== name) continue;
		try {
			return decodeURIComponent(part.slice(at + 1).trim());
		} catch {
			return null;
		}
	}
	return null;
}

/** The `Set-Cookie` value that remembers a preference for a year. `secure` is whether the page came over https. */
export function rememberCookie(name: "theme" | "team", value: string, secure: boolean): string {
	return `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly${secure ? "; Secure" : ""}`;
}

/** Whether a word names a theme. */
export function isTheme(value: unknown): value is Theme {
	return THEMES.some((theme) => theme === value);
}

/** The chosen theme; "system" where none was chosen. */
export function themeOf(cookies: string | null): Theme {
	const value = readCookie(cookies, "theme");
	return isTheme(value) ? value : "system";
}

/** The chosen time zone; UTC unless the cookie names one this machine knows. */
export function zoneOf(cookies: string | null): string {
	const value = readCookie(cookies, "tz");
	return value !== null && isTimeZone(value) ? value : "UTC";
}

/** A path of this site to go on to; anything that could lead elsewhere becomes `fallback`. */
export function localPath(next: unknown, fallback: string): string {
	if (typeof next !== "string" || !next.startsWith("/")) return fallback;
	// A browser reads "//host" and "/\host" as another site, and drops control characters before it reads.
	if (/^\/[/\\]/.test(next) || /[\u0000-\u001f\\]/.test(next)) return fallback;
	return next;
}
