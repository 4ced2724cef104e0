/** Values that only their name gives away: `password=…`, `"api_key": "…"`, `token: …`, in plain text and in JSON inside of text. */

const KEYED = [
	"api",
	"access",
	"private",
	"secret",
	"auth",
	"account",
	"encryption",
	"signing",
	"master",
	"shared",
	"routing",
	"integration",
];
const NAMES = `passw(?:or)?d|passphrase|pwd|secret|token|(?:${KEYED.join("|")})[_-]?key|credentials?|[_-]pass`;

/** What the probe looks for, in lower case. */
export const PAIR_ANCHORS: readonly string[] = [
	...["passw", "passphrase", "pwd", "secret", "token", "credential", "_pass=", "-pass=", '_pass"', '-pass"', "uthorization", "cookie"],
	// Only the end of each word: "api" itself is in every address of a GitHub payload, "pi_key" in none.
	...KEYED.map((word) => word.slice(-2)).flatMap((end) => [`${end}_key`, `${end}-key`, `${end}key`]),
];

const SECRET_NAME = new RegExp(`(?:${NAMES}|authorization|(?:^|[^a-z])cookie)$`, "i");
const PASSWORD_NAME = /(?:passw(?:or)?d|passphrase|pwd)$/i;

/** Whether a field of this name holds a secret: `githubToken`, `DB_PASSWORD`, but not `tokens`, `secret_scanning`. */
export function isSecretName(name: string): boolean {
	return name.length <= 255 && SECRET_NAME.test(name);
}

/** Whether a field of this name holds a password, where even a number is one. A numeric "max_token" is not. */
export function isPasswordName(name: string): boolean {
	return PASSWORD_NAME.test(name);
}

const STANDS_FOR_ONE =
	/^(?:[*•x.-]+|\[masked:[a-z0-9-]+\]|\[?(?:redacted|filtered|masked|hidden)\]?|null|nil|none|true|false|undefined|read|write|inherit|required|optional|bearer|)$/i;
/** `$TOKEN`, `${token}`, `${{ secrets.X }}`, `$(cat file)`, `%TOKEN%`, `{{ token }}`, `<token>`, `process.env.TOKEN`: read elsewhere, not here. */
const REFERENCE =
	/^(?:\$[{(][\s\S]*|\$[A-Z_][A-Z0-9_]*|%[A-Z0-9_]+%|\{\{[\s\S]*|<[^>]*>|(?:process\.env|os\.environ|env|secrets|vars)[.[(][\s\S]*)$/;

/** Whether a value is not a secret but stands for one: `***`, `${{ secrets.X }}`, `$TOKEN`, an earlier mask, nothing. */
export function isPlaceholder(value: string): boolean {
	return STANDS_FOR_ONE.test(value) || REFERENCE.test(value);
}

const PAIR = new RegExp(`(?:${NAMES})(\\\\{0,8}["'])?[ \\t]{0,4}(=>|:=|:(?!:)|=(?![=>]))[ \\t]{0,8}`, "gi");
const OPENING = /(\\{0,8})(["'])/y;
const BARE = /(?:[^\s"'\\;&<>]|\\\\|\\\/|\\u[0-9a-fA-F]{4})+/y;
const BARE_IN_JSON = /[^\s,"'\\{}[\]]+/y;

// The closing quote of a nested string has as many backslashes as its opening one; any other run belongs to the value. A value never
// ends between a backslash and what it escapes, so JSON around it stays JSON.
const QUOTED: Record<string, RegExp> = {
	'"': /(?:[^"\\\r\n]|\\[^\r\n])*/y,
	"'": /(?:[^'"\\\r\n]|\\[^\r\n])*/y,
};
const NESTED: Record<string, (opening: string) => RegExp> = {
	'"': (opening) => new RegExp(`(?:[^"\\\\\\r\\n]|\\\\+[^"\\\\]|(?!${opening.replaceAll("\\", "\\\\")}")\\\\(?:\\\\\\\\)*")*`, "y"),
	"'": () => /[^'"\\\r\n]*/y,
};

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
	pattern.lastIndex = at;
	return pattern.exec(text);
}

/** Where the value that starts at `at` begins and ends, and what takes its place; null when there is none that counts. */
function readValue(text: string, at: number, { keyQuote, operator, name }: { keyQuote: string; operator: string; name: string }) {
	const opening = matchAt(OPENING, text, at);
	if (opening) {
		const [whole, slashes = "", quote = '"'] = opening;
		const start = at + whole.length;
		const pattern = slashes === "" ? QUOTED[quote] : NESTED[quote]?.(slashes);
		const value = pattern ? (matchAt(pattern, text, start)?.[0] ?? "") : "";
		return { start, end: start + value.length, isSecret: !isPlaceholder(value), around: "" };
	}
	if (keyQuote !== "") {
		// A bare value after a quoted key is a number, true or null; a marker in its place needs the quotes it did not have.
		const value = matchAt(BARE_IN_JSON, text, at)?.[0] ?? "";
		return {
			start: at,
			end: at + value.length,
			isSecret: isPasswordName(name) && value.length >= 4 && !isPlaceholder(value),
			around: keyQuote,
		};
	}
	const whole = matchAt(BARE, text, at)?.[0] ?? "";
	if (/^\[masked:[a-z0-9-]+\][,.)}\]]{0,8}$/.test(whole)) return { start: at, end: at + whole.length, isSecret: false, around: "" };
	const value = whole.replace(/[,.)}\]]{1,8}$/, "");
	return { start: at, end: at + value.length, isSecret: isBareSecret(value, operator, name), around: "" };
}

/** Prose says "token: expired" too: after a colon, a bare value must look like a secret unless its name says password. */
function isBareSecret(value: string, operator: string, name: string): boolean {
	if (value === "" || isPlaceholder(value)) return false;
	// PWD is also the working directory.
	if (/pwd$/i.test(name) && /^(?:[/~.]|[A-Za-z]:)/.test(value)) return false;
	if (operator !== ":") return true;
	if (isPasswordName(name)) return value.length >= 4;
	return value.length >= 20 || (value.length >= 8 && /\d/.test(value));
}

/** Mask the values of telling names in a text. Linear: each value found is jumped over. */
export function maskPairs(text: string, marker: string): { text: string; count: number } {
	let out = "";
	let done = 0;
	let count = 0;
	PAIR.lastIndex = 0;
	for (let match = PAIR.exec(text); match; match = PAIR.exec(text)) {
		const name = /^[a-z_-]+/i.exec(match[0])?.[0] ?? "";
		const value = readValue(text, PAIR.lastIndex, { keyQuote: match[1] ?? "", operator: match[2] ?? "=", name });
		if (value.isSecret) {
			out += `${text.slice(done, value.start)}${value.around}${marker}${value.around}`;
			done = value.end;
			count++;
		}
		PAIR.lastIndex = Math.max(PAIR.lastIndex, value.end);
	}
	return count === 0 ? { text, count } : { text: out + text.slice(done), count };
}
