import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a pod finds its ServiceAccount. */
const SERVICE_ACCOUNT_DIR = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What the agent is told from outside: addresses and files, all through the environment. */
export type Settings = {
	/** The product it dials: its address as in a browser. */
	url: URL;
	/** The agent's token, read anew at each connection: a rotated one is used at once. */
	tokenFile: string;
	kubeUrl: URL;
	/** Laid out like the ServiceAccount mount of a pod: `token`, `ca.crt`. */
	kubeDir: string;
	/** Where results are kept until the product has them; null keeps them in memory only. */
	stateDir: string | null;
	/** Of `/healthz`, `/readyz` and `/metrics`; 0 lets the system choose one. */
	healthPort: number;
};

/** A setting that is missing or wrong, by its name. */
export class SettingsError extends Error {}

/** @throws SettingsError that names the variable */
export function readSettings(env: Record<string, string | undefined>): Settings {
	const address = (name: string, value: string) => {
		const url = URL.parse(value);
		if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) {
			throw new SettingsError(`${name} must be an http or https address, not "${value}".`);
		}
		return url;
	};
	const needed = (name: string) => {
		const value = env[name];
		if (!value) throw new SettingsError(`${name} is not set.`);
		return value;
	};
	const port = Number(env.OPSSIGHT_HEALTH_PORT ?? "8080");
	if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new SettingsError("OPSSIGHT_HEALTH_PORT must be a port, 0 to 65535.");
	return {
		url: address("OPSSIGHT_URL", needed("OPSSIGHT_URL")),
		tokenFile: needed("OPSSIGHT_TOKEN_FILE"),
		kubeUrl: env.OPSSIGHT_KUBE_URL
			? address("OPSSIGHT_KUBE_URL", env.OPSSIGHT_KUBE_URL)
			: inCluster(needed("KUBERNETES_SERVICE_HOST"), env.KUBERNETES_SERVICE_PORT ?? "443"),
		kubeDir: env.OPSSIGHT_KUBE_DIR ?? SERVICE_ACCOUNT_DIR,
		stateDir: env.OPSSIGHT_STATE_DIR || null,
		healthPort: port,
	};
}

function inCluster(host: string, port: string): URL {
	return new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`);
}

/** A secret that is a file: read at each use, because the kubelet replaces it while the program runs. */
export function secretFile(path: string): { read(): string; seen(): readonly string[] } {
	const seen = new Set<string>();
	return {
		read() {
			const value = readFileSync(path, "utf8").trim();
			// A header must not carry what a file may: a line break would end it.
			if (!/^[\x21-\x7e]+$/.test(value)) throw new SettingsError(`${path} holds no token.`);
			seen.add(value);
			return value;
		},
		seen: () => [...seen],
	};
}

/** The files of a ServiceAccount. */
export function serviceAccount(dir: string) {
	return { token: join(dir, "token"), ca: join(dir, "ca.crt") };
}
