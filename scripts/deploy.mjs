#!/usr/bin/env node
// `npm run deploy:staging|production`: migrations, Worker, smoke test; back to the version before when that fails.
// Needs OPSSIGHT_URL (the installation's address), and wrangler's login or CLOUDFLARE_API_TOKEN and CLOUDFLARE_ACCOUNT_ID.
// --skip-build: the pages have been built already. The workflow deploy.yml does nothing but start this.
import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { smoke } from "./smoke.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { values: options, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		"skip-build": { type: "boolean", default: false },
		tries: { type: "string", default: "20" },
		pause: { type: "string", default: "3" },
	},
});
const [environment] = positionals;
const url = process.env.OPSSIGHT_URL;
const { version } = JSON.parse(readFileSync("package.json", "utf8"));

function say(text) {
	console.log(`deploy: ${text}`);
	if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${text}\n\n`);
}

function fail(text) {
	say(text);
	// GitHub shows such a line on the run's own page.
	if (process.env.GITHUB_ACTIONS) console.log(`::error title=Deployment::${text.replaceAll("\n", " ")}`);
	process.exit(1);
}

/** A command whose output is shown. @throws when it fails */
function run(command, ...args) {
	console.log(`deploy: $ ${[command, ...args].join(" ")}`);
	const { status } = spawnSync(command, args, { stdio: "inherit", shell: process.platform === "win32" });
	if (status !== 0) throw new Error(`${command} ${args[0]} failed`);
}

/** What a command says as JSON, or null when it fails or says something else. */
function readJson(command, ...args) {
	try {
		const stdio = ["ignore", "pipe", "ignore"];
		return JSON.parse(execFileSync(command, args, { encoding: "utf8", stdio, shell: process.platform === "win32" }));
	} catch {
		return null;
	}
}

const wrangler = (...args) => run("wrangler", ...args, "--env", environment);
const askWrangler = (...args) => readJson("wrangler", ...args, "--env", environment, "--json");

/** What a wrangler.toml, this one or that of an earlier commit, gives as `key` in each `[[env.<environment>.<table>]]`. */
function namesIn(toml, table, key) {
	const blocks = toml.split(/^(?=\[)/m).filter((block) => block.startsWith(`[[env.${environment}.${table}]]`));
	return blocks.map((block) => new RegExp(`^${key} = "([^"]*)"`, "m").exec(block)?.[1] ?? "");
}

const migrationTags = (toml) => namesIn(toml, "migrations", "tag");

/** The wrangler.toml of the commit that a deployed version was made of; null when that is not known. */
function deployedToml(versionId) {
	const tag = askWrangler("versions", "view", versionId)?.annotations?.["workers/tag"];
	if (!/^[0-9a-f]{7,40}$/.test(tag ?? "")) return null;
	try {
		return execFileSync("git", ["show", `${tag}:wrangler.toml`], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
	} catch {
		return null;
	}
}

if (environment !== "staging" && environment !== "production") fail("say which environment: npm run deploy:staging or deploy:production");
if (!url || !URL.canParse(url) || !url.startsWith("http"))
	fail("set OPSSIGHT_URL to the address of the installation, like https://opssight.example.com");
const tomlNow = readFileSync("wrangler.toml", "utf8");
if (namesIn(tomlNow, "d1_databases", "database_id").some((id) => /^[0-]*$/.test(id))) {
	fail(`wrangler.toml still has a placeholder for the database of ${environment}: README, Deploying, step 1`);
}

/** The version that serves now; one that has the larger part of the traffic, when a gradual deployment is under way. */
const before = askWrangler("deployments", "status")?.versions?.toSorted((a, b) => b.percentage - a.percentage)[0]?.version_id ?? null;
const tagsNow = migrationTags(tomlNow);
const tomlBefore = before === null ? null : deployedToml(before);
const newTags = tomlBefore === null ? null : tagsNow.filter((tag) => !migrationTags(tomlBefore).includes(tag));
if (newTags?.length)
	say(
		`This release carries the Durable Object migration ${newTags.join(", ")}: Cloudflare can't roll it back, only a new release can mend it.`,
	);

const commit = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
try {
	if (!options["skip-build"]) run("npm", "run", "build");
	wrangler("deploy", "--dry-run");
	const bookmark = askWrangler("d1", "time-travel", "info", "DB")?.bookmark;
	say(`The database before the migrations: ${bookmark ? `bookmark ${bookmark}` : "no bookmark (a new database has none)"}.`);
	wrangler("d1", "migrations", "apply", "DB", "--remote");
	wrangler("deploy", "--tag", commit, "--message", `${version} ${commit.slice(0, 12)}`);
} catch (error) {
	fail(`${error.message}. The version before is still serving; migrations only add, so it goes on working.`);
}

const check = { environment, tries: Number(options.tries), pauseMs: Number(options.pause) * 1000 };
const faults = await smoke(url, { ...check, version });
if (faults.length === 0) {
	say(`${environment} runs ${version} (${commit.slice(0, 12)}) at ${url}.`);
	process.exit(0);
}

const what = `The new version does not work: ${faults.join("; ")}.`;
if (before === null) fail(`${what} There is no version before it to return to: mend it and deploy again.`);
if (newTags?.length) {
	fail(
		`${what} NOT ROLLED BACK: this release carries the Durable Object migration ${newTags.join(", ")}, and Cloudflare can't return across one. Mend it and deploy again, now.`,
	);
}
try {
	wrangler("rollback", before, "--yes", "--message", `smoke test failed: ${faults[0]}`.slice(0, 100));
} catch {
	const unknown = newTags === null ? " Whether this release carries a Durable Object migration could not be told; if so, that is why." : "";
	fail(`${what} NOT ROLLED BACK: returning to ${before} failed.${unknown} Mend it and deploy again, now.`);
}
const after = await smoke(url, check);
fail(`${what} Rolled back to ${before}, which ${after.length === 0 ? "works" : `does not work either: ${after.join("; ")}`}.`);
