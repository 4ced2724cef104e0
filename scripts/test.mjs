#!/usr/bin/env node
// `npm test`: unit and edge tests, then the journeys in Chromium where there is one. The last line says how it went.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const isCi = process.env.CI === "true";
// The repository's own Node and tools, also when this file is run directly.
const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` };

/** Run a tool with its output as it comes; its exit code, or 1 when it could not run or was killed. */
function run(command, args, more = {}) {
	return new Promise((done) => {
		const child = spawn(command, args, { cwd: root, env: { ...env, ...more }, stdio: "inherit", shell: process.platform === "win32" });
		child.on("error", (error) => {
			console.error(`opssight: ${command} could not be started: ${error.message}`);
			done(1);
		});
		child.on("exit", (code) => done(code ?? 1));
	});
}

/** What a report of vitest counts. A file that could not be loaded has no tests to fail, and is a failure all the same. */
function countReport(file) {
	if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
	const report = JSON.parse(readFileSync(file, "utf8"));
	const broken = report.testResults.filter(
		({ status, assertionResults }) => status === "failed" && !assertionResults.some((test) => test.status === "failed"),
	).length;
	return {
		passed: report.numPassedTests,
		failed: report.numFailedTests + broken,
		skipped: report.numPendingTests + report.numTodoTests,
	};
}

const total = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "opssight-test-"));

/** Run projects of the test configuration and add up what they report. A crash, or not one test, counts as a failure. */
async function runProjects(projects, { more = {}, files = [] } = {}) {
	const file = join(scratch, `${projects.join("-")}.json`);
	const chosen = projects.flatMap((name) => ["--project", name]);
	const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
	const code = await run("vitest", ["run", "--config", "test/vitest.config.ts", ...chosen, ...reporters, ...files], more);
	const counts = countReport(file);
	if (counts.failed === 0 && (code !== 0 || counts.passed === 0)) {
		console.error(`opssight: the ${projects.join(" and ")} tests ended with code ${code} and ${counts.passed} passed tests.`);
		counts.failed = 1;
	}
	for (const key of Object.keys(total)) total[key] += counts[key];
}

function findChromium() {
	const { CHROMIUM } = process.env;
	if (CHROMIUM && !existsSync(CHROMIUM)) console.error(`opssight: CHROMIUM names ${CHROMIUM}, which does not exist.`);
	const usual = [
		...["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`),
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
		"/Applications/Chromium.app/Contents/MacOS/Chromium",
	];
	return [CHROMIUM, ...usual].find((path) => path && existsSync(path));
}

function hasJourneys() {
	const folder = join(root, "test/web");
	return existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith(".test.ts"));
}

async function runJourneys() {
	if (!hasJourneys()) {
		console.log("opssight: there are no browser journeys in test/web.");
		return;
	}
	const chromium = findChromium();
	if (!chromium) {
		console.error("opssight: BROWSER JOURNEYS SKIPPED: no Chromium found. Install one, or name it: CHROMIUM=/path/to/chromium npm test");
		// On a developer's machine that is a gap; where it decides about a change it must not pass for a test.
		if (isCi) total.failed += 1;
	}
	if ((await run("npm", ["run", "build"])) !== 0) {
		console.error("opssight: the build failed, so neither it nor the browser journeys were tested.");
		total.failed += 1;
		return;
	}
	// What would be deployed is looked at without a browser too.
	await runProjects(["web"], chromium ? { more: { CHROMIUM: chromium } } : { files: ["test/web/deployment.test.ts"] });
}

try {
	await runProjects(["unit", "edge"]);
	await runJourneys();
} finally {
	rmSync(scratch, { recursive: true, force: true });
}
const { passed, failed, skipped } = total;
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
