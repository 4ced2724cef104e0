import { BROWSER_COOKIE, SESSION_COOKIE, SESSION_MAX_MS, SIGN_IN_MAX_MS } from "../domains/auth/model.ts";

/** The Set-Cookie of a session. */
export function sessionCookie(value: string): string {
	return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${SESSION_MAX_MS / 1000}; Secure; HttpOnly; SameSite=Lax`;
}

/** The Set-Cookie that forgets it. */
export function endedSessionCookie(): string {
	return `${SESSION_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax`;
}

/** The Set-Cookie that binds sign-ins under way to this browser. */
export function browserCookie(value: string): string {
	return `${BROWSER_COOKIE}=${value}; Path=/; Max-Age=${SIGN_IN_MAX_MS / 1000}; Secure; HttpOnly; SameSite=Lax`;
}

/** A path of this very site that may be redirected to, or null: never `//host`, never a backslash, never a scheme. */
export function safePath(path: string | null | undefined): string | null {
	if (!path || !/^\/(?![/\\])[^\\\r\n]*$/.test(path)) return null;
	const base = "http://base.invalid";
	try {
		const url = new URL(path, base);
		// "/.//host" is a path here, and what is left of it is another site.
		return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search + url.hash : null;
	} catch {
		return null;
	}
}
