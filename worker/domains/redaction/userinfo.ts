/** Credentials in an address, `scheme://user:password@host`: they have no anchor of their own, only the rare "@" after them. */

/** The password, or a whole user name long enough to be a token. What is kept is everything in front of it. */
const WITH_PASSWORD = /(:\\{0,4}\/\\{0,4}\/[^\s"'<>\\/@:[\]]{0,200}:)[^\s"'<>\\/@]{1,500}(?=@)/g;
const TOKEN_ONLY = /(:\\{0,4}\/\\{0,4}\/)(?=[A-Za-z_-]{0,200}\d)[A-Za-z0-9_-]{20,500}(?=@)/g;

export const USERINFO_PATTERNS: readonly RegExp[] = [WITH_PASSWORD, TOKEN_ONLY];

const LONGEST = 700; // both patterns together span no more
const STOPS = new Set([..." \t\r\n\"'<>@"].map((char) => char.charCodeAt(0)));
const SLASH = "/".charCodeAt(0);

/** Whether an "@" has something before it that may be credentials in an address: looks back from each, never over the whole text. */
export function mayHoldUserinfo(text: string): boolean {
	for (let found = text.indexOf("@"); found >= 0; found = text.indexOf("@", found + 1)) {
		for (let at = found - 1; at > 0 && found - at < LONGEST; at--) {
			const code = text.charCodeAt(at);
			if (STOPS.has(code)) break;
			// "https://github.com/a@b" has a single slash before its "@" and is left alone.
			if (code === SLASH) {
				if (text.charCodeAt(at - 1) === SLASH || text[at - 1] === "\\") return true;
				break;
			}
		}
	}
	return false;
}
