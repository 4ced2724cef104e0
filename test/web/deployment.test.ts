// What would be uploaded, after a real build: wrangler's own check of each environment, and no source map anywhere.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

test.each(["staging", "production"])(
	"wrangler deploy --dry-run passes for %s, with its own bindings and without source maps",
	(environment) => {
		const outdir = mkdtempSync(join(tmpdir(), "opssight-dry-run-"));
		try {
			const output = execFileSync("npx", ["wrangler", "deploy", "--dry-run", "--env", environment, "--outdir", outdir], {
				cwd: ROOT,
				encoding: "utf8",
				env: { ...process.env, WRANGLER_SEND_METRICS: "false", CLOUDFLARE_CF_FETCH_ENABLED: "false" },
			});
			expect(output).toContain(`env.ENVIRONMENT ("${environment}")`);
			expect(output).toContain(`env.DB (opssight-${environment})`);
			expect(output).toContain(`env.BLOBS (opssight-${environment}-blobs)`);
			expect(output).toContain("env.TEAM_LEDGER (TeamLedger)");
			const files = readdirSync(outdir, { recursive: true, encoding: "utf8" });
			expect(files.filter((name) => name.endsWith(".map"))).toEqual([]);
			expect(readFileSync(join(outdir, "index.js"), "utf8")).not.toMatch(/^\/\/# sourceMappingURL=/m);
		} finally {
			rmSync(outdir, { recursive: true, force: true });
		}
	},
);

test("the pages' static files hold no source map and name none", () => {
	const client = join(ROOT, "build/client");
	const files = readdirSync(client, { recursive: true, encoding: "utf8" });
	expect(files.filter((name) => name.endsWith(".map"))).toEqual([]);
	const scripts = files.filter((name) => /\.(js|css)$/.test(name));
	expect(scripts.length).toBeGreaterThan(5);
	for (const name of scripts) expect(readFileSync(join(client, name), "utf8")).not.toContain("sourceMappingURL=");
});
