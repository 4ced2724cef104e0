// What is deployed, and how: wrangler.toml and the workflow as they are written, deploy.mjs against a wrangler that only notes.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
	chmodSync,
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { unstable_readConfig } from "wrangler";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const config = (env?: string) =>
	unstable_readConfig({ config: join(ROOT, "wrangler.toml"), ...(env ? { env } : {}) }, { hideWarnings: true });

describe.each(["staging", "production"])("wrangler.toml for %s", (environment) => {
	const top = config();
	const own = config(environment);
	const names = (list: readonly object[], key: string) => list.map((item) => (item as Record<string, unknown>)[key]);

	test("says everything again that the top level says", () => {
		expect(Object.keys(own.vars)).toEqual(Object.keys(top.vars));
		expect(own.vars.ENVIRONMENT).toBe(environment);
		expect(names(own.d1_databases, "binding")).toEqual(names(top.d1_databases, "binding"));
		expect(names(own.d1_databases, "migrations_dir")).toEqual(names(top.d1_databases, "migrations_dir"));
		expect(names(own.r2_buckets, "binding")).toEqual(names(top.r2_buckets, "binding"));
		expect(own.durable_objects).toEqual(top.durable_objects);
		expect(own.migrations).toEqual(top.migrations);
		expect(own.triggers).toEqual(top.triggers);
		expect(own.observability).toEqual(top.observability);
		expect(own.assets).toEqual(top.assets);
		expect(own.queues).toEqual(top.queues);
		expect(own.compatibility_flags).toEqual(top.compatibility_flags);
		// An unknown kind of binding at the top level would be forgotten here without a word.
		const block = (prefix: string) =>
			[...read("wrangler.toml").matchAll(/^\[+([\w.]+)\]/gm)]
				.map(([, name]) => name as string)
				.filter((name) => name.startsWith(prefix))
				.map((name) => name.slice(prefix.length))
				.sort();
		expect(block(`env.${environment}.`)).toEqual(block("").filter((name) => !name.startsWith("env.")));
	});

	test("shares neither name, database nor bucket with another environment", () => {
		const others = [top, config(environment === "staging" ? "production" : "staging")];
		for (const other of others) {
			expect(own.name).not.toBe(other.name);
			expect(names(own.d1_databases, "database_name")).not.toEqual(names(other.d1_databases, "database_name"));
			expect(names(own.r2_buckets, "bucket_name")).not.toEqual(names(other.r2_buckets, "bucket_name"));
		}
	});

	test("uploads no source maps and opens no preview addresses", () => {
		expect(own.upload_source_maps).toBe(false);
		expect(own.preview_urls).toBe(false);
		expect(read("vite.config.ts")).toContain("sourcemap: false");
	});
});

test("no secret stands in wrangler.toml", () => expect(read("wrangler.toml")).not.toMatch(/secret|token|password|client_id/i));

describe("workflows", () => {
	const files = readdirSync(join(ROOT, ".github/workflows"));
	test.each(files)("%s names every action by its commit and begins without rights", (file) => {
		const text = read(`.github/workflows/${file}`);
		const uses = [...text.matchAll(/uses: (\S+)/g)].map(([, action]) => action as string);
		expect(uses.length).toBeGreaterThan(0);
		for (const action of uses) expect(action).toMatch(/@[0-9a-f]{40}$/);
		expect(text).toMatch(/^permissions:( \{\}|\n {2}contents: read)$/m);
		// An image is pushed with what may write packages, and with nothing else.
		expect(text.replace(file === "agent-image.yml" ? "packages: write" : "", "")).not.toMatch(/: write\b|pull_request_target/);
	});
	test("deploy.yml hands no event's text to a shell", () =>
		expect([...read(".github/workflows/deploy.yml").matchAll(/run: .*\$\{\{/g)]).toEqual([]));
});

describe("npm run deploy", { timeout: 30_000 }, () => {
	let folder: string;
	let server: Server;
	let url: string;
	/** What the installation is: `broken` from the deployment on until the way back, when the fake wrangler says so. */
	const isBroken = () => existsSync(join(folder, "broken"));
	let settings: { breaks: boolean; before: string | null; bookmark?: string };

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "opssight-deploy-"));
		cpSync(join(ROOT, "scripts"), join(folder, "scripts"), { recursive: true });
		symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
		cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
		mkdirSync(join(folder, "bin"));
		writeFileSync(
			join(folder, "bin/wrangler"),
			`#!${process.execPath}
import * as fs from "node:fs";
const words = process.argv.slice(2);
const folder = ${JSON.stringify(folder)};
fs.appendFileSync(folder + "/calls", words.join(" ") + "\\n");
const { before, tag, breaks, fails } = JSON.parse(fs.readFileSync(folder + "/settings", "utf8"));
const said = words.join(" ");
if (fails && said.startsWith(fails)) process.exit(1);
if (said.startsWith("deployments status")) before ? console.log(JSON.stringify({ versions: [{ version_id: before, percentage: 100 }] })) : process.exit(1);
if (said.startsWith("versions view")) console.log(JSON.stringify({ annotations: { "workers/tag": tag } }));
if (said.startsWith("d1 time-travel")) console.log(JSON.stringify({ bookmark: "0000-mark" }));
if (said.startsWith("deploy --tag") && breaks) fs.writeFileSync(folder + "/broken", "");
if (said.startsWith("rollback")) fs.rmSync(folder + "/broken", { force: true });
`,
		);
		chmodSync(join(folder, "bin/wrangler"), 0o755);
		git("init", "-q");
		writeToml("v1");
		server = createServer((request, answer) => {
			const path = request.url ?? "";
			if (path === "/health") {
				answer.statusCode = isBroken() ? 503 : 200;
				answer.end(
					JSON.stringify({ status: "x", checks: isBroken() ? { d1: "ok", settings: "missing or wrong: GITHUB_CLIENT_ID" } : { d1: "ok" } }),
				);
			} else if (path === "/api/config")
				answer.end(JSON.stringify({ environment: "staging", version: JSON.parse(read("package.json")).version }));
			else if (path === "/login") answer.end('<script src="/assets/entry-abc.js"></script>');
			else {
				answer.statusCode = 404;
				answer.end();
			}
		}).listen(0, "127.0.0.1");
		await new Promise((done) => server.once("listening", done));
		url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	});
	afterAll(() => {
		server.close();
		rmSync(folder, { recursive: true, force: true });
	});
	beforeEach(() => {
		settings = { breaks: false, before: "version-0" };
	});

	const git = (...args: string[]) =>
		execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: folder, encoding: "utf8" }).trim();
	/** A wrangler.toml with these Durable Object migrations, committed; the commit. */
	function writeToml(...tags: string[]): string {
		const more = (environment: string) =>
			tags
				.slice(1)
				.map((tag) => `\n[[env.${environment}.migrations]]\ntag = "${tag}"\nnew_sqlite_classes = ["${tag.toUpperCase()}"]\n`)
				.join("");
		const text = read("wrangler.toml").replaceAll('"00000000-0000-0000-0000-000000000000"', '"11111111-1111-1111-1111-111111111111"');
		writeFileSync(join(folder, "wrangler.toml"), text + more("staging") + more("production"));
		git("add", "wrangler.toml");
		git("commit", "-q", "--allow-empty", "-m", "x");
		return git("rev-parse", "HEAD");
	}
	async function deploy(more: Record<string, unknown> = {}, { environment = "staging", address = url as string | undefined } = {}) {
		for (const name of ["broken", "calls"]) rmSync(join(folder, name), { force: true });
		writeFileSync(join(folder, "settings"), JSON.stringify({ ...settings, ...more }));
		const child: ChildProcess = spawn(
			process.execPath,
			["scripts/deploy.mjs", environment, "--skip-build", "--tries", "4", "--pause", "0"],
			{
				cwd: folder,
				env: {
					...process.env,
					PATH: `${join(folder, "bin")}:${process.env.PATH}`,
					OPSSIGHT_URL: address,
					GITHUB_STEP_SUMMARY: "",
					GITHUB_ACTIONS: "",
				},
			},
		);
		let output = "";
		for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
		const code = await new Promise((done) => child.once("close", done));
		const calls = existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8").split("\n").filter(Boolean) : [];
		return {
			code,
			output,
			calls,
			changing: calls.map((call) => call.split(" --")[0]).filter((call) => /^(deploy|rollback|d1 migrations)\b/.test(call as string)),
		};
	}

	test("migrates before it deploys, and notes the database's bookmark and the commit", async () => {
		const commit = writeToml("v1");
		const { code, output, calls, changing } = await deploy({ tag: commit });
		expect([code, output]).toEqual([0, expect.stringContaining("bookmark 0000-mark")]);
		expect(changing).toEqual(["deploy", "d1 migrations apply DB", "deploy"]);
		expect(calls.every((call) => call.includes("--env staging"))).toBe(true);
		expect(calls.at(-1)).toContain(`deploy --tag ${commit}`);
	});

	test("returns to the version before when the new one does not work, says what was wrong, and fails", async () => {
		const { code, output, calls } = await deploy({ tag: writeToml("v1"), breaks: true });
		expect(code).toBe(1);
		expect(calls.at(-1)).toMatch(/^rollback version-0 --yes .*--env staging$/);
		expect(output).toContain("settings: missing or wrong: GITHUB_CLIENT_ID");
		expect(output).toContain("Rolled back to version-0, which works");
	});

	test("does not try to return across a Durable Object migration, and says so before and after", async () => {
		const before = writeToml("v1");
		writeToml("v1", "v3");
		const { code, output, changing } = await deploy({ tag: before, breaks: true });
		expect(code).toBe(1);
		expect(changing).toEqual(["deploy", "d1 migrations apply DB", "deploy"]);
		expect(output).toMatch(
			/carries the Durable Object migration v3[\s\S]*NOT ROLLED BACK: this release carries the Durable Object migration v3/,
		);
		const fine = await deploy({ tag: before });
		expect([fine.code, fine.output]).toEqual([0, expect.stringContaining("migration v3: Cloudflare can't roll it back")]);
		writeToml("v1");
	});

	test("of an unknown version it tries to go back, and says why that may fail", async () => {
		const { code, output } = await deploy({ tag: "not a commit", breaks: true, fails: "rollback" });
		expect(code).toBe(1);
		expect(output).toMatch(/NOT ROLLED BACK: returning to version-0 failed\. Whether this release carries/);
	});

	test("a first deployment that fails has nothing to return to", async () => {
		const { code, output, changing } = await deploy({ before: null, breaks: true });
		expect([code, changing.includes("rollback")]).toEqual([1, false]);
		expect(output).toContain("no version before it");
	});

	test("migrations that fail stop it before the Worker changes", async () => {
		const { code, output, changing } = await deploy({ fails: "d1 migrations" });
		expect([code, changing]).toEqual([1, ["deploy", "d1 migrations apply DB"]]);
		expect(output).toContain("The version before is still serving");
	});

	test("refuses a placeholder for the database, an unknown environment and a missing address before anything happens", async () => {
		expect(await deploy({}, { environment: "prod" })).toMatchObject({ code: 1, calls: [] });
		expect(await deploy({}, { address: "" })).toMatchObject({ code: 1, calls: [], output: expect.stringContaining("OPSSIGHT_URL") });
		cpSync(join(ROOT, "wrangler.toml"), join(folder, "wrangler.toml"));
		expect(await deploy()).toMatchObject({ code: 1, calls: [], output: expect.stringContaining("placeholder") });
		writeToml("v1");
	});
});
