import type { ShouldRevalidateFunctionArgs } from "@remix-run/react";
import { isTimeZone } from "./format/time.ts";

/** What a browser remembers about how it likes to see things. Plain cookies, readable without knowing who is asking. */

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = (typeof THEMES)[number];

/** Everything a browser remembers. `nav` narrow is the rail of icons, `keys` off means no single-letter shortcuts. */
export type Preferences = { theme: Theme; zone: string; nav: "wide" | "narrow"; keys: "on" | "off" };
export type Preference = keyof Preferences;

/** What holds where nothing, or nothing that makes sense, was chosen. */
const DEFAULTS: Preferences = { theme: "system", zone: "UTC", nav: "wide", keys: "on" };

/** The cookie of each; the zone's is called as in an address. */
const COOKIES = { theme: "theme", zone: "tz", nav: "nav", keys: "keys" } as const satisfies Record<Preference, string>;

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
export function rememberCookie(name: (typeof COOKIES)[Preference] | "team", value: string, secure: boolean): string {
	return `${name}=${encodeURIComponent(value)}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax; HttpOnly${secure ? "; Secure" : ""}`;
}

/** Whether a word names a theme. */
export function isTheme(value: unknown): value is Theme {
	return THEMES.some((theme) => theme === value);
}

/** Whether a word names a preference. */
export function isPreference(name: unknown): name is Preference {
	return typeof name === "string" && Object.hasOwn(DEFAULTS, name);
}

/** A value as that preference may have it, or null. */
export function preferenceFrom<P extends Preference>(name: P, value: unknown): Preferences[P] | null {
	if (typeof value !== "string" || !MAY_BE[name](value)) return null;
	// Safe because MAY_BE has just said so.
	return value as Preferences[P];
}

const MAY_BE: Record<Preference, (value: string) => boolean> = {
	theme: isTheme,
	zone: isTimeZone,
	nav: (value) => value === "wide" || value === "narrow",
	keys: (value) => value === "on" || value === "off",
};

/** What a browser remembers, as its cookies have it. */
export function preferencesOf(cookies: string | null): Preferences {
	const of = <P extends Preference>(name: P) => preferenceFrom(name, readCookie(cookies, COOKIES[name])) ?? DEFAULTS[name];
	return { theme: of("theme"), zone: of("zone"), nav: of("nav"), keys: of("keys") };
}

/** The `Set-Cookie` value that remembers one of them. */
export function preferenceCookie<P extends Preference>(name: P, value: Preferences[P], secure: boolean): string {
	return rememberCookie(COOKIES[name], value, secure);
}

/** Where the form of a preference is sent. */
export function preferencePath(name: Preference): string {
	return `/settings/${name}`;
}

/** Whether a form changes how things look rather than what they say, so that no page need ask for its data again. */
export function isPreferenceForm(formAction: string | undefined): boolean {
	return formAction !== undefined && isPreference(/^\/settings\/([a-z]+)$/.exec(formAction)?.[1]);
}

/** The `shouldRevalidate` of a page whose data do not depend on how it looks. */
export function unlessPreference({ formAction, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs): boolean {
	return isPreferenceForm(formAction) ? false : defaultShouldRevalidate;
}

/** A path of this site to go on to; anything that could lead elsewhere becomes `fallback`. */
export function localPath(next: unknown, fallback: string): string {
	if (typeof next !== "string" || !next.startsWith("/")) return fallback;
	// A browser reads "//host" and "/\host" as another site, and drops control characters before it reads.
	if (/^\/[/\\]/.test(next) || /[\u0000-\u001f\\]/.test(next)) return fallback;
	return next;
}
