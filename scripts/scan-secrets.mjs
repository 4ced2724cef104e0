#!/usr/bin/env node
// Looks for secrets in what is tracked, by the same rules that mask deliveries. Says where, never what.
// Needs a Node that reads TypeScript: `npm exec -c "node scripts/scan-secrets.mjs"` uses the repository's own.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RULES } from "../worker/domains/redaction/rules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
/** Recorded payloads and integrity hashes: neither is written by a person. */
const NOT_OURS = /^test\/fixtures\/|^package-lock\.json$/;
const BINARY = /\.(?:png|jpe?g|ico|gif|woff2?|gz|zip|pdf)$/i;
// These rules go by a secret's surroundings, which source code and documentation are full of.
const BY_SURROUNDINGS = new Set(["authorization", "bearer-token", "cookie", "command-line"]);
const rules = RULES.filter(({ name }) => !BY_SURROUNDINGS.has(name));

const files = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8", maxBuffer: 64 * 2 ** 20 })
	.split("\0")
	.filter((file) => file !== "" && !NOT_OURS.test(file) && !BINARY.test(file));

function readText(file) {
	try {
		return readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
	} catch {
		return ""; // deleted, but not yet in a commit; or a link to nowhere
	}
}

let found = 0;
for (const file of files) {
	const text = readText(file);
	for (const { name, pattern } of rules) {
		for (const { index } of text.matchAll(pattern)) {
			found++;
			console.error(`${file}:${text.slice(0, index).split("\n").length}  ${name}`);
		}
	}
}
console.log(`${files.length} files looked at with ${rules.length} rules: ${found === 0 ? "no secret" : `${found} secrets`} found`);
process.exitCode = found === 0 && files.length > 0 ? 0 : 1;
