#!/usr/bin/env node
// `npm run build:agent`: the program that runs in a cluster, as agent/dist: one file, a package.json and a README.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version, license } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** zod brings its messages in some fifty languages, 260 KB; what this program logs is English. */
const englishOnly = {
	name: "english-only",
	setup({ onLoad }) {
		onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: 'export { default as en } from "./en.js";' }));
	},
};

/**
 * How Node is started for it: it does little and for years, so memory counts and speed does not. Without these it needs a third more;
 * `--no-opt` alone saves 5 MB, the optimizing compiler's own code.
 */
export const NODE_FLAGS = ["--max-semi-space-size=1", "--optimize-for-size", "--no-opt", "--v8-pool-size=1"];

/** Bundle the agent. @param outfile where to */
export async function bundleAgent(outfile) {
	await build({
		entryPoints: [`${root}agent/index.ts`],
		outfile,
		bundle: true,
		platform: "node",
		target: "node22",
		// Not ESM: importing node:http there reads all it exports, which loads undici and its WebAssembly, 8 MB that nothing here uses.
		format: "cjs",
		minify: true,
		legalComments: "none",
		define: { OPSSIGHT_AGENT_VERSION: JSON.stringify(version) },
		plugins: [englishOnly],
		logLevel: "warning",
	});
}

const README = `# OpsSight agent

The program that runs in a cluster. It dials out to OpsSight, reports what runs, and carries out the rollbacks that people ask for there.
Node 22 or newer, no packages: \`node ${NODE_FLAGS.join(" ")} index.cjs\`.

| variable | what |
|---|---|
| \`OPSSIGHT_URL\` | address of OpsSight |
| \`OPSSIGHT_TOKEN_FILE\` | file with the agent's token; read anew at each connection |
| \`OPSSIGHT_STATE_DIR\` | where results are kept until OpsSight has them; without it, in memory |
| \`OPSSIGHT_HEALTH_PORT\` | port of \`/healthz\`, \`/readyz\`, \`/metrics\` (8080) |
| \`OPSSIGHT_KUBE_URL\` | the API server, outside of a pod; in a pod it is found |
| \`OPSSIGHT_KUBE_DIR\` | \`token\` and \`ca.crt\` for it, as in a pod (\`/var/run/secrets/kubernetes.io/serviceaccount\`) |

## What leaves the cluster

- Of Deployments, StatefulSets and DaemonSets: names, images, numbers of pods, how their rollout stands, and their revisions with images, change-cause, the label \`app.kubernetes.io/version\` and the lines in which each of the newest ten differs from the template that runs.
- Of pods that are not well: name, node, restarts and why. Of nodes: name and whether they are ready. Warnings of the last hour. What the agent's account may do.
- Lines that differ may hold literal values of variables, arguments, labels and annotations. Hidden before they are sent: values whose name may be a secret's (token, secret, password, key, credential, DSN, auth, cookie, session, …), known shapes of tokens, credentials in addresses, and long runs of letters and digits. Such a line reads \`DB_PASSWORD: [hidden]\`, and "(another value)" where two revisions differ in it; no digest of it is sent.
- Of Secrets and ConfigMaps only the names that a template mentions: the agent's account may not read them. Put secrets there; what hides in a literal value under an innocent name and looks like a word can't be known for one.
`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const dist = `${root}agent/dist`;
	rmSync(dist, { recursive: true, force: true });
	mkdirSync(dist, { recursive: true });
	await bundleAgent(`${dist}/index.cjs`);
	const pkg = { name: "opssight-agent", version, license, private: true, main: "index.cjs", engines: { node: ">=22" } };
	writeFileSync(`${dist}/package.json`, `${JSON.stringify(pkg, null, "\t")}\n`);
	writeFileSync(`${dist}/README.md`, README);
	console.log(`agent/dist: OpsSight agent ${version}`);
}
