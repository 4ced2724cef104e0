// Runs kubectl against a cluster, real or double, and writes down what a person would see, without what differs each time.
import { spawn, spawnSync } from "node:child_process";

/** Where kubectl is; null where there is none. */
export const KUBECTL: string | null = spawnSync("kubectl", ["version", "--client"]).status === 0 ? "kubectl" : null;

export type Target = { kubeconfig: string; namespace: string; cacheDir: string };
export type Said = { exit: number | null; stdout: string; stderr: string };

/** One command to its end; `input` is its standard input. */
export async function kubectl(target: Target, args: readonly string[], input = ""): Promise<Said> {
	const { kubeconfig, namespace, cacheDir } = target;
	const options = [`--kubeconfig=${kubeconfig}`, `--cache-dir=${cacheDir}`];
	const child = spawn(KUBECTL ?? "kubectl", [...options, ...(args.includes("-n") ? [] : ["-n", namespace]), ...args]);
	const said: Said = { exit: null, stdout: "", stderr: "" };
	child.stdout.on("data", (chunk) => {
		said.stdout += chunk;
	});
	child.stderr.on("data", (chunk) => {
		said.stderr += chunk;
	});
	child.stdin.end(input);
	const timer = setTimeout(() => child.kill(), 60_000);
	said.exit = await new Promise((resolve) => child.on("close", resolve));
	clearTimeout(timer);
	return said;
}

const LETTERS = "[bcdfghjklmnpqrstvwxz2456789]";

/**
 * Ages, hashes, names of pods and of the namespace, and the widths of columns differ each time: they become one word. Pods on their way
 * out are left out, since how long they stay depends on the kubelet.
 */
export function normalised(text: string, { namespace }: Target): string {
	return text
		.replaceAll(namespace, "parity")
		.replace(new RegExp(`\\b(checkout|ledger|logship|idle)-${LETTERS}{8,10}-${LETTERS}{5}\\b`, "g"), "$1-HASH-POD")
		.replace(new RegExp(`\\b(checkout|ledger|logship|idle)-${LETTERS}{8,10}\\b`, "g"), "$1-HASH")
		.replace(/\b(pod-template-hash[=:]\s?)\S+/g, "$1HASH")
		.replace(/(?<= )(\d+[smhd])+(?= |$)/gm, "AGE")
		.replace(/^.* Terminating .*\n/gm, "")
		.replace(/[ \t]{2,}/g, "  ")
		.replace(/[ \t]+$/gm, "");
}
