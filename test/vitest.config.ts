import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const root = here("..");
// The Worker serves this folder; the tests of its doors need it to be there, not to be full.
mkdirSync(here("../build/client"), { recursive: true });

export default defineConfig({
	test: {
		projects: [
			{
				// Pure logic and the architecture, in Node.
				root,
				test: {
					name: "unit",
					include: ["test/{unit,kube}/**/*.test.ts", "test/architecture.test.ts"],
					environment: "node",
					testTimeout: 30_000,
				},
			},
			{
				// Stores, ledger, doors: in workerd. Few, larger files: each costs a second of start-up.
				root,
				plugins: [
					cloudflareTest(async () => ({
						wrangler: { configPath: here("../wrangler.toml") },
						remoteBindings: false,
						miniflare: {
							bindings: { TEST_MIGRATIONS: await readD1Migrations(here("../migrations")) },
						},
					})),
				],
				resolve: { alias: { "#remix-build": here("./support/remix-build-stub.ts") } },
				test: { name: "edge", include: ["test/edge/**/*.test.ts"], setupFiles: ["test/edge/setup.ts"], testTimeout: 60_000 },
			},
			{
				// Journeys in Chromium against the running product.
				root,
				test: {
					name: "web",
					include: ["test/web/**/*.test.ts"],
					environment: "node",
					testTimeout: 60_000,
					hookTimeout: 180_000,
					fileParallelism: false,
					// The local server's proxy now and then loses a connection and is started again: that is not what a journey is about.
					retry: 2,
				},
			},
		],
	},
});
