import { startAgent } from "./agent.ts";
import { serveHealth } from "./health.ts";
import { makeLog } from "./log.ts";
import { readSettings, secretFile, serviceAccount } from "./settings.ts";
import { words } from "./text.ts";

/** Set by `npm run build:agent`. */
declare const OPSSIGHT_AGENT_VERSION: string;
const version = typeof OPSSIGHT_AGENT_VERSION === "string" ? OPSSIGHT_AGENT_VERSION : "development";

/** Wall-clock time that never goes back, whatever is done to the clock of the machine. */
const now = () => Math.round(performance.timeOrigin + performance.now());
const write = (line: string) => void process.stdout.write(line);

async function main(): Promise<void> {
	const settings = readSettings(process.env);
	const token = secretFile(settings.tokenFile);
	const kubeToken = secretFile(serviceAccount(settings.kubeDir).token);
	const log = makeLog({ write, now: Date.now, secrets: () => [...token.seen(), ...kubeToken.seen()] });
	const agent = startAgent({
		settings,
		version,
		readToken: token.read,
		readKubeToken: kubeToken.read,
		log,
		now,
		random: Math.random,
	});
	const health = await serveHealth(settings.healthPort, { isReady: agent.state, figures: agent.figures });
	log("info", "started", { agent: agent.id, version, url: settings.url.origin, kube: settings.kubeUrl.origin, healthPort: health.port });
	const stop = (signal: string) => {
		log("info", "stopping", { signal });
		health.close();
		// A rollout that is being watched is not waited for: whoever claims the command next sees it in the cluster.
		setTimeout(() => process.exit(0), 3000).unref();
		void agent.stop().then(() => process.exit(0));
	};
	process.on("SIGTERM", () => stop("SIGTERM"));
	process.on("SIGINT", () => stop("SIGINT"));
}

main().catch((error) => {
	makeLog({ write, now: Date.now, secrets: () => [] })("error", "could not start", { error: words(error) });
	process.exit(1);
});
